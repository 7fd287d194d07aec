/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-settings.c - a configuration is taken, or refused with at least one problem that names the file. */
#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "settings.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *file = NULL;
  g_autofree char *runtime_dir = NULL;
  Settings *settings;
  int fd = memfd_create ("passerelle.conf", MFD_CLOEXEC);

  g_assert (fd >= 0 && write (fd, data, size) == (gssize) size);
  file = g_strdup_printf ("/proc/self/fd/%d", fd);
  settings = settings_load (file, problems);
  runtime_dir = settings_find_runtime_dir (file, NULL);

  g_assert ((settings == NULL) == (problems->len > 0));
  g_assert (runtime_dir != NULL);
  for (guint i = 0; i < problems->len; i++)
    g_assert (g_str_has_prefix (problems->pdata[i], file));
  if (settings != NULL)
    {
      for (guint i = 0; i < settings->gateways->len; i++)
        {
          const SettingsGateway *gateway = settings->gateways->pdata[i];

          g_assert (gateway->kind != NULL && gateway->name != NULL && *gateway->secret != '\0');
          g_assert (settings_find_gateway (settings, gateway->domain) == gateway);
        }
      settings_free (settings);
    }
  close (fd);
  return 0;
}
