# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by ./check and ./quickstart: installing what is missing, and building out of the source tree.

BUILD_PACKAGES="build-essential autoconf automake pkg-config libglib2.0-dev libpurple-dev libstrophe-dev libidn-dev libexpat1-dev
  libjson-c-dev libsqlite3-dev libsodium-dev"
RUN_PACKAGES="libpurple0 libsasl2-modules glib-networking ca-certificates"

export PATH=$PATH:/usr/sbin:/sbin       # users' PATH lacks the servers
export PYTHONDONTWRITEBYTECODE=1
PYTHON=/usr/bin/python3                 # Debian's own, which has Debian's modules

# Installs those of the named packages that are missing.  The services of freshly
# installed servers stay down: ours run beside them, by hand, on ports of their own.
install_packages ()
{
  local missing=() package sudo="" policy=/usr/sbin/policy-rc.d ours=
  for package; do
    dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || sudo=sudo
  echo "installing: ${missing[*]}"
  if [ ! -e $policy ]; then
    ours=1
    printf '#!/bin/sh\nexit 101\n' | $sudo tee $policy >/dev/null
    $sudo chmod 755 $policy
  fi
  local status=0
  { $sudo apt-get -qq update \
    && $sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "${missing[@]}"; } \
    >"${TMPDIR:-/tmp}/passerelle-apt.$$" 2>&1 </dev/null || status=$?
  [ -z "$ours" ] || $sudo rm -f $policy
  [ $status = 0 ] || tail -n 30 "${TMPDIR:-/tmp}/passerelle-apt.$$"
  rm -f "${TMPDIR:-/tmp}/passerelle-apt.$$"
  return $status
}

# build DIR [CONFIGURE-ARGUMENT...]: configures once, builds what changed.
build ()
{
  local dir=$1 source=$PWD
  shift
  mkdir -p "$dir"
  if [ ! -e configure ] || [ configure.ac -nt configure ]; then
    autoreconf -i >"$dir/autoreconf.log" 2>&1 || { cat "$dir/autoreconf.log"; return 1; }
  fi
  if [ ! -e "$dir/Makefile" ]; then
    (cd "$dir" && "$source/configure" -q "$@") || return 1
  fi
  make -s -C "$dir" -j"$(nproc)" >"$dir/make.log" 2>&1 || { tail -n 60 "$dir/make.log"; return 1; }
}
