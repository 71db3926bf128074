/*
 * The imports of a board that serves one service and has nothing else: included once, behind the abi_... functions that
 * it does have.
 */
#ifndef ROSEHIP_TEST_SERVICE_IMPORTS_H
#define ROSEHIP_TEST_SERVICE_IMPORTS_H

static int64_t unsupported(void* host, const uint64_t* a) {
  (void)host, (void)a;
  return ROSEHIP_ABI_ERR_INVALID_ARGUMENT;
}
#define abi_client_create unsupported
#define abi_client_call unsupported
#define abi_request_forget unsupported
#define abi_publisher_create unsupported
#define abi_publish unsupported
#define abi_subscription_create unsupported
#define abi_subscription_hold unsupported
#define abi_matched unsupported
#define abi_storage_read unsupported
#define abi_storage_write unsupported
#define abi_random unsupported
#define abi_gpio unsupported
#define abi_pwm unsupported
#define abi_adc unsupported
#define abi_i2c_open unsupported
#define abi_i2c_transfer unsupported
#define abi_spi_open unsupported
#define abi_spi_transfer unsupported

#define IMPORT(name, signature, parameters) {#name, signature, abi_##name},
static const rosehip_import_t imports[] = {ROSEHIP_ABI_FUNCTIONS(IMPORT)};

#endif
