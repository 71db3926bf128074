/* The network is this computer's. It "comes up" some time after the port asked to be told. */
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "esp_event.h"
#include "esp_netif.h"
#include "esp_vfs_eventfd.h"
#include "lwip/tcpip.h"

esp_event_base_t const IP_EVENT = "IP_EVENT";
static esp_event_handler_t handler;

esp_err_t esp_netif_init(void) {
  return ESP_OK;
}

esp_err_t esp_event_loop_create_default(void) {
  return ESP_ERR_INVALID_STATE; /* as below Arduino, which has made it */
}

static void* come_up(void* context) {
  usleep(100000);
  handler(context, IP_EVENT, IP_EVENT_STA_GOT_IP, NULL);
  return NULL;
}

esp_err_t esp_event_handler_register(esp_event_base_t base, int32_t id, esp_event_handler_t wanted, void* context) {
  pthread_t thread;
  if (base != IP_EVENT || id != ESP_EVENT_ANY_ID) return ESP_ERR_INVALID_ARG;
  handler = wanted;
  return pthread_create(&thread, NULL, come_up, context) == 0 ? ESP_OK : ESP_ERR_NO_MEM;
}

esp_err_t esp_vfs_eventfd_register(const esp_vfs_eventfd_config_t* config) {
  return config->max_fds > 0 ? ESP_OK : ESP_ERR_INVALID_ARG;
}

int eventfd(unsigned int initial, int flags) {
  return flags == EFD_SUPPORT_ISR ? (int)syscall(SYS_eventfd2, initial, 0) : -1;
}

/* ---- lwIP's task ------------------------------------------------------------------------------------------------- */

typedef struct {
  tcpip_callback_fn function;
  void* context;
} job_t;

static void* work(void* context) {
  const job_t job = *(job_t*)context;
  free(context);
  job.function(job.context);
  return NULL;
}

err_t tcpip_callback(tcpip_callback_fn function, void* context) {
  pthread_t thread;
  job_t* job = malloc(sizeof *job);
  *job = (job_t){function, context};
  return pthread_create(&thread, NULL, work, job) == 0 && pthread_detach(thread) == 0 ? ERR_OK : -1;
}

err_t dns_gethostbyname_addrtype(const char* name, ip_addr_t* address, dns_found_callback found, void* context,
                                 uint8_t type) {
  const struct addrinfo hints = {.ai_family = AF_INET};
  struct addrinfo* list = NULL;
  (void)type;
  const bool numeric = strspn(name, "0123456789.") == strlen(name);
  memset(address, 0, sizeof *address);
  const bool good = getaddrinfo(name, NULL, &hints, &list) == 0;
  if (good) address->u_addr.ip4.addr = ((const struct sockaddr_in*)(const void*)list->ai_addr)->sin_addr.s_addr;
  if (list != NULL) freeaddrinfo(list);
  if (numeric && good) return ERR_OK;
  found(name, good ? address : NULL, context);
  return ERR_INPROGRESS;
}
