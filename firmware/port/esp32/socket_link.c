/*
 * The links over IP: UDP and TCP.
 *
 *   STATE_IDLE        nothing; tried again at retry_us, and at once when the board gets an address
 *   STATE_RESOLVING   lwIP looks for the agent's address; its task tells by `news`
 *   STATE_CONNECTING  TCP
 *   STATE_UP          octets go both ways; read has said so once when `announced`
 *
 * A write while it is not STATE_UP is dropped. UDP is STATE_UP as soon as there is an address.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include "esp_event.h"
#include "esp_log.h"
#include "esp_netif.h"
#include "esp_vfs_eventfd.h"
#include "lwip/dns.h"
#include "lwip/tcpip.h"

#include "link.h"
#include "rosehip/error.h"

enum {
  RETRY_US = 1000000,
  CONNECT_US = 5000000, /* An attempt that nobody answers ends after that. */
  KEEP_ALIVE_S = 5,     /* Silence after which TCP asks whether the agent is there, and time between its questions. */
  KEEP_ALIVE_COUNT = 3, /* Questions without an answer that end the connection. */
};

typedef enum { STATE_IDLE, STATE_RESOLVING, STATE_CONNECTING, STATE_UP } state_t;
typedef enum { LOOKUP_PENDING, LOOKUP_DONE, LOOKUP_FAILED } lookup_t;

static const char tag[] = "rosehip";

static struct {
  int type; /* SOCK_DGRAM, SOCK_STREAM */
  const char* host;
  uint16_t port;
  int fd;      /* -1: none */
  int wake_fd; /* an eventfd */
  state_t state;
  bool announced;
  uint64_t retry_us;
} it;

/* What other tasks have to say, below the lock. */
typedef struct {
  lookup_t lookup;
  uint32_t address;  /* LOOKUP_DONE: the agent's, in network order */
  bool has_network; /* The board got an address since this was last looked at. */
} news_t;

static news_t news;
static portMUX_TYPE lock = portMUX_INITIALIZER_UNLOCKED;

static void socket_link_wake(void) {
  const uint64_t one = 1;
  if (write(it.wake_fd, &one, sizeof one) < 0) return; /* its counter is full: it wakes anyway */
}

static void socket_link_wake_from_isr(BaseType_t* woken) {
  (void)woken; /* The file system of events yields by itself. */
  socket_link_wake();
}

/* ---- The agent's address, in lwIP's task ------------------------------------------------------------------------- */

static void lookup_done(const char* name, const ip_addr_t* found, void* context) {
  (void)name;
  (void)context;
  portENTER_CRITICAL(&lock);
  if (found != NULL) news.address = ip_2_ip4(found)->addr;
  news.lookup = found != NULL ? LOOKUP_DONE : LOOKUP_FAILED;
  portEXIT_CRITICAL(&lock);
  socket_link_wake();
}

static void lookup_begin(void* context) {
  ip_addr_t found;
  (void)context;
  const err_t status = dns_gethostbyname_addrtype(it.host, &found, lookup_done, NULL, LWIP_DNS_ADDRTYPE_IPV4);
  if (status == ERR_OK) lookup_done(it.host, &found, NULL);
  else if (status != ERR_INPROGRESS) lookup_done(it.host, NULL, NULL);
}

/* In the task of events. */
static void on_ip_event(void* context, esp_event_base_t base, int32_t id, void* data) {
  (void)context;
  (void)base;
  (void)data;
  if (id != IP_EVENT_STA_GOT_IP && id != IP_EVENT_ETH_GOT_IP) return;
  portENTER_CRITICAL(&lock);
  news.has_network = true;
  portEXIT_CRITICAL(&lock);
  socket_link_wake();
}

/* ---- The connection ---------------------------------------------------------------------------------------------- */

static void lose(uint64_t retry_us) {
  if (it.fd >= 0) close(it.fd);
  it.fd = -1;
  it.state = STATE_IDLE;
  it.retry_us = retry_us;
}

static void is_up(void) {
  it.state = STATE_UP;
  it.announced = false;
}

static void set_options(void) {
  const int on = 1, seconds = KEEP_ALIVE_S, count = KEEP_ALIVE_COUNT;
  fcntl(it.fd, F_SETFL, fcntl(it.fd, F_GETFL, 0) | O_NONBLOCK);
  if (it.type != SOCK_STREAM) return;
  setsockopt(it.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(it.fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  setsockopt(it.fd, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof seconds);
  setsockopt(it.fd, IPPROTO_TCP, TCP_KEEPINTVL, &seconds, sizeof seconds);
  setsockopt(it.fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
}

static void connect_socket(uint32_t address, uint64_t now_us) {
  struct sockaddr_in agent;
  memset(&agent, 0, sizeof agent);
  agent.sin_family = AF_INET;
  agent.sin_port = htons(it.port);
  agent.sin_addr.s_addr = address;
  it.fd = socket(AF_INET, it.type, 0);
  if (it.fd < 0) {
    lose(now_us + RETRY_US);
    return;
  }
  set_options();
  if (connect(it.fd, (const struct sockaddr*)&agent, sizeof agent) == 0) {
    is_up();
  } else if (errno == EINPROGRESS) {
    it.state = STATE_CONNECTING;
    it.retry_us = now_us + CONNECT_US;
  } else {
    lose(now_us + RETRY_US);
  }
}

/* STATE_CONNECTING: whether there is an answer. */
static void look_at_connection(uint64_t now_us) {
  fd_set writable;
  struct timeval now = {0};
  int error = 0;
  socklen_t length = sizeof error;
  FD_ZERO(&writable);
  FD_SET(it.fd, &writable);
  if (select(it.fd + 1, NULL, &writable, NULL, &now) > 0) {
    if (getsockopt(it.fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0) is_up();
    else lose(now_us + RETRY_US);
  } else if (now_us >= it.retry_us) {
    lose(now_us);
  }
}

static void begin_lookup(uint64_t now_us) {
  it.state = STATE_RESOLVING;
  portENTER_CRITICAL(&lock);
  news.lookup = LOOKUP_PENDING;
  portEXIT_CRITICAL(&lock);
  if (tcpip_callback(lookup_begin, NULL) != ERR_OK) lose(now_us + RETRY_US);
}

static void advance(uint64_t now_us) {
  portENTER_CRITICAL(&lock);
  const news_t heard = news;
  news.has_network = false;
  portEXIT_CRITICAL(&lock);
  if (it.state == STATE_RESOLVING) {
    if (heard.lookup == LOOKUP_DONE) connect_socket(heard.address, now_us);
    else if (heard.lookup == LOOKUP_FAILED) lose(heard.has_network ? now_us : now_us + RETRY_US);
  } else if (heard.has_network) {
    lose(now_us);
  } else if (it.state == STATE_CONNECTING) {
    look_at_connection(now_us);
  }
  if (it.state == STATE_IDLE && now_us >= it.retry_us) begin_lookup(now_us);
}

static int socket_link_read(uint8_t* buffer, size_t size_bytes, uint64_t now_us) {
  advance(now_us);
  if (it.state != STATE_UP) return 0;
  if (!it.announced) {
    it.announced = true;
    return ROSEHIP_ERROR_DISCONNECTED;
  }
  const ssize_t count = recv(it.fd, buffer, size_bytes, MSG_DONTWAIT);
  if (count > 0) return (int)count;
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return 0;
  if (it.type == SOCK_STREAM) lose(now_us + RETRY_US);
  return 0; /* UDP: an empty datagram, or no way to the agent just now */
}

static int socket_link_write(const uint8_t* bytes, size_t length_bytes, uint64_t now_us) {
  if (it.state != STATE_UP) return (int)length_bytes;
  const ssize_t count = send(it.fd, bytes, length_bytes, MSG_DONTWAIT);
  if (it.type == SOCK_DGRAM) return (int)length_bytes; /* sent or lost */
  if (count >= 0) return (int)count;
  if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
  lose(now_us + RETRY_US);
  return (int)length_bytes;
}

static uint64_t socket_link_due_us(uint64_t now_us, bool writable) {
  (void)writable;
  if (it.state == STATE_UP) return it.announced ? LINK_NEVER_US : now_us;
  return it.state == STATE_RESOLVING ? LINK_NEVER_US : it.retry_us;
}

static void socket_link_wait(TickType_t ticks, bool writable) {
  const uint64_t wait_us = (uint64_t)ticks * portTICK_PERIOD_MS * 1000u;
  struct timeval timeout = {.tv_sec = (time_t)(wait_us / 1000000u), .tv_usec = (suseconds_t)(wait_us % 1000000u)};
  fd_set readable, sendable;
  uint64_t count = 0;
  FD_ZERO(&readable);
  FD_ZERO(&sendable);
  FD_SET(it.wake_fd, &readable);
  if (it.state == STATE_UP) FD_SET(it.fd, &readable);
  if (it.state == STATE_CONNECTING || (it.state == STATE_UP && writable)) FD_SET(it.fd, &sendable);
  const int last = it.fd > it.wake_fd ? it.fd : it.wake_fd;
  if (select(last + 1, &readable, &sendable, NULL, ticks == portMAX_DELAY ? NULL : &timeout) <= 0) return;
  if (FD_ISSET(it.wake_fd, &readable) && read(it.wake_fd, &count, sizeof count) < 0) return;
}

static esp_err_t accept_existing(esp_err_t status) {
  return status == ESP_ERR_INVALID_STATE ? ESP_OK : status;
}

static esp_err_t set_up(const rosehip_esp32_config_t* config) {
  const esp_vfs_eventfd_config_t events = ESP_VFS_EVENTD_CONFIG_DEFAULT();
  esp_err_t status = esp_netif_init();
  if (status == ESP_OK) status = accept_existing(esp_event_loop_create_default());
  if (status == ESP_OK) status = accept_existing(esp_vfs_eventfd_register(&events));
  if (status != ESP_OK) return status;
  it.wake_fd = eventfd(0, EFD_SUPPORT_ISR);
  if (it.wake_fd < 0) return ESP_ERR_NO_MEM;
  status = esp_event_handler_register(IP_EVENT, ESP_EVENT_ANY_ID, on_ip_event, NULL);
  if (status == ESP_OK && config->network != NULL) status = config->network(config);
  return status;
}

static esp_err_t open_link(esp32_link_t* link, const rosehip_esp32_config_t* config, int type) {
  it.type = type;
  it.host = config->agent_host;
  it.port = config->agent_port;
  it.fd = -1;
  const esp_err_t status = it.host != NULL && it.host[0] != '\0' ? set_up(config) : ESP_ERR_INVALID_ARG;
  if (status != ESP_OK) {
    ESP_LOGE(tag, "link to agent \"%s\", port %u: %s", it.host == NULL ? "" : it.host, (unsigned)it.port,
             esp_err_to_name(status));
    return status;
  }
  *link = (esp32_link_t){
      .kind = type == SOCK_STREAM ? ROSEHIP_FRAMING_STREAM : ROSEHIP_FRAMING_DATAGRAM,
      .mtu_bytes = LINK_SOCKET_MTU_BYTES,
      .read = socket_link_read,
      .write = socket_link_write,
      .due_us = socket_link_due_us,
      .wait = socket_link_wait,
      .wake = socket_link_wake,
      .wake_from_isr = socket_link_wake_from_isr,
  };
  return ESP_OK;
}

esp_err_t rosehip_esp32_udp(esp32_link_t* link, const rosehip_esp32_config_t* config) {
  return open_link(link, config, SOCK_DGRAM);
}

esp_err_t rosehip_esp32_tcp(esp32_link_t* link, const rosehip_esp32_config_t* config) {
  return open_link(link, config, SOCK_STREAM);
}
