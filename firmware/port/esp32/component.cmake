# The whole firmware as one component of ESP-IDF v5.4: firmware/src, this port and the engine of the app.
#
# Variables of CMake or of the environment; the first three also by menuconfig:
#   ROSEHIP_WASM3_DIR       folder of wasm3's source, a clone of its tag v0.9.0
#   ROSEHIP_APP_KEY         public key whose apps are taken (docs/deploy.md), 32 octets by commas; none: anybody's are
#   ROSEHIP_MONOCYPHER_DIR  with it, folder of Monocypher's source, a clone of its tag 4.0.2
#   ROSEHIP_APP_C           the app in C, as `rosehip build --target c` makes it: it is linked in, and wasm3 is not
#   ROSEHIP_DIR             Rosehip's own folder, if this one was copied out of it
#   ROSEHIP_MAIN            further sources for the component

# ESP-IDF asks for the requirements before there is a configuration: they are the same with and without Wi-Fi and ADC.
# What is switched off is not linked.
set(rosehip_requires
  esp_adc esp_driver_gpio esp_driver_i2c esp_driver_ledc esp_driver_spi esp_driver_uart esp_driver_usb_serial_jtag
  esp_event esp_netif esp_partition esp_timer esp_wifi lwip nvs_flash vfs)

if(CMAKE_BUILD_EARLY_EXPANSION)
  idf_component_register(PRIV_REQUIRES ${rosehip_requires})
  return()
endif()

get_filename_component(rosehip_port "${CMAKE_CURRENT_LIST_FILE}" REALPATH)
get_filename_component(rosehip_port "${rosehip_port}" DIRECTORY)

# A setting: of CMake, else of the environment, else what else is given.
function(rosehip_setting result name otherwise)
  if(DEFINED ${name} AND NOT "${${name}}" STREQUAL "")
    set(value "${${name}}")
  elseif(NOT "$ENV{${name}}" STREQUAL "")
    set(value "$ENV{${name}}")
  else()
    set(value "${otherwise}")
  endif()
  set(${result} "${value}" PARENT_SCOPE)
endfunction()

# One that is a path, from the project's folder on.
function(rosehip_path result name otherwise)
  rosehip_setting(value ${name} "${otherwise}")
  if(NOT "${value}" STREQUAL "")
    get_filename_component(value "${value}" ABSOLUTE BASE_DIR "${CMAKE_SOURCE_DIR}")
  endif()
  set(${result} "${value}" PARENT_SCOPE)
endfunction()

# Something that is still to be set must not end the configuration, which `idf.py set-target` and menuconfig begin with,
# but the build: it compiles what says so, and nothing else of Rosehip. rosehip_missing is that source.
set(rosehip_missing "")
function(rosehip_miss text)
  message(WARNING "${text}")
  string(REPLACE "\"" "'" text "${text}")
  string(STRIP "${text}" text)
  string(REPLACE "\n" "\"\n#error \"" text "${text}")
  set(source "${CMAKE_CURRENT_BINARY_DIR}/rosehip_missing.c")
  file(WRITE "${source}" "#error \"${text}\"\n")
  set(rosehip_missing "${source}" PARENT_SCOPE)
endfunction()

rosehip_path(rosehip_root ROSEHIP_DIR "${rosehip_port}/../../..")
if(NOT EXISTS "${rosehip_root}/firmware/include/rosehip/runtime.h")
  message(FATAL_ERROR "Rosehip's firmware is not in ${rosehip_root}.\n"
    "To fix: make a symbolic link to firmware/port/esp32 instead of a copy, or set ROSEHIP_DIR to the folder of Rosehip.")
endif()

file(GLOB_RECURSE rosehip_core CONFIGURE_DEPENDS "${rosehip_root}/firmware/src/*.c")
file(GLOB rosehip_board CONFIGURE_DEPENDS "${rosehip_port}/*.c")

rosehip_path(rosehip_app_c ROSEHIP_APP_C "")
if(rosehip_app_c)
  if(NOT EXISTS "${rosehip_app_c}")
    message(FATAL_ERROR "ROSEHIP_APP_C (\"${rosehip_app_c}\") is not a file.\n"
      "To fix: make it with `rosehip build --target c`.")
  endif()
  set(rosehip_engine "${rosehip_app_c}")
  set(rosehip_engine_includes "")
else()
  include("${rosehip_port}/wasm3.cmake")
endif()

rosehip_setting(rosehip_app_key ROSEHIP_APP_KEY "${CONFIG_ROSEHIP_APP_KEY}")
if(NOT "${rosehip_app_key}" STREQUAL "")
  include("${rosehip_port}/monocypher.cmake")
endif()

if(rosehip_missing)
  idf_component_register(SRCS "${rosehip_missing}"
    INCLUDE_DIRS "${rosehip_root}/firmware/include" "${rosehip_port}/include" PRIV_REQUIRES ${rosehip_requires})
  return()
endif()

idf_component_register(
  SRCS ${rosehip_core} ${rosehip_board} ${rosehip_engine} ${rosehip_monocypher} ${ROSEHIP_MAIN}
  INCLUDE_DIRS "${rosehip_root}/firmware/include" "${rosehip_port}/include"
  PRIV_INCLUDE_DIRS "${rosehip_root}/firmware/src" ${rosehip_engine_includes} ${rosehip_monocypher_includes}
  PRIV_REQUIRES ${rosehip_requires})

# A compiler that warns of more than those of today must not break somebody's build. ESP-IDF has -Werror=all, which
# -Wno-error does not take back: it is taken out.
get_target_property(rosehip_options ${COMPONENT_LIB} COMPILE_OPTIONS)
set_target_properties(${COMPONENT_LIB} PROPERTIES COMPILE_OPTIONS "$<FILTER:${rosehip_options},EXCLUDE,^-Werror>")
if(rosehip_app_c)
  target_compile_definitions(${COMPONENT_LIB} PRIVATE ROSEHIP_ENGINE_AOT)
  # Half the instructions of -Os; and arithmetic that only quiets a NaN must stay (docs/aot.md).
  set_source_files_properties("${rosehip_app_c}" PROPERTIES COMPILE_FLAGS "-w -O2 -fsignaling-nans")
else()
  target_compile_definitions(${COMPONENT_LIB} PRIVATE
    d_m3MaxNativeStack=${CONFIG_ROSEHIP_APP_STACK_BYTES} d_m3ValCtrlDepth=${CONFIG_ROSEHIP_BLOCK_DEPTH})
  set_source_files_properties(${rosehip_engine} PROPERTIES COMPILE_FLAGS "${rosehip_wasm3_flags}")
endif()
if(rosehip_monocypher)
  target_compile_definitions(${COMPONENT_LIB} PRIVATE "ROSEHIP_APP_KEY=${rosehip_app_key}")
  set_source_files_properties(${rosehip_monocypher} PROPERTIES COMPILE_FLAGS "-w -Os") # not ours: no warnings
endif()
