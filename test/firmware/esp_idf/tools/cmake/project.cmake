# Stands in for the file of this name in ESP-IDF v5.4; see ../../README.md.
#
#   -DIDF_TARGET=      the chip
#   -DPYTHON=          an interpreter that has esp-idf-kconfig
#   -DSDKCONFIG_DEFAULTS=  files with settings; sdkconfig.defaults of the project if there is one
cmake_minimum_required(VERSION 3.16)
get_filename_component(idf_path "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)

# Those of its components that a component may ask for.
set(idf_components
  app_update bootloader_support console driver efuse esp_adc esp_app_format esp_common esp_driver_gpio esp_driver_i2c
  esp_driver_ledc esp_driver_spi esp_driver_uart esp_driver_usb_serial_jtag esp_eth esp_event esp_http_client
  esp_hw_support esp_netif esp_partition esp_phy esp_pm esp_ringbuf esp_rom esp_system esp_timer esp_wifi freertos hal
  heap log lwip mbedtls newlib nvs_flash pthread soc spi_flash vfs wpa_supplicant)

function(idf_build_get_property variable name)
  if(NOT name STREQUAL "PYTHON")
    message(FATAL_ERROR "idf_build_get_property ${name} is not in this stand-in")
  endif()
  set(${variable} "${PYTHON}" PARENT_SCOPE)
endfunction()

function(idf_component_register)
  cmake_parse_arguments(_ "" "" "SRCS;INCLUDE_DIRS;PRIV_INCLUDE_DIRS;REQUIRES;PRIV_REQUIRES;EMBED_FILES" ${ARGN})
  if(__UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "idf_component_register: ${__UNPARSED_ARGUMENTS}")
  endif()
  get_filename_component(name "${COMPONENT_DIR}" NAME)
  set(library "__idf_${name}")
  add_compile_options("$<TARGET_PROPERTY:__idf_build_target,COMPILE_OPTIONS>"
    "$<$<COMPILE_LANGUAGE:C>:$<TARGET_PROPERTY:__idf_build_target,C_COMPILE_OPTIONS>>")
  add_library(${library} STATIC ${__SRCS})
  foreach(folder ${__INCLUDE_DIRS} ${__PRIV_INCLUDE_DIRS})
    if(NOT IS_DIRECTORY "${folder}")
      message(FATAL_ERROR "Include directory '${folder}' is not a directory.")
    endif()
  endforeach()
  target_include_directories(${library} PUBLIC ${__INCLUDE_DIRS} PRIVATE ${__PRIV_INCLUDE_DIRS})
  target_include_directories(${library} PUBLIC "${CMAKE_BINARY_DIR}/config" "${idf_path}/include"
    "${idf_path}/include_lwip")
  target_compile_definitions(${library} PRIVATE ESP_PLATFORM)
  foreach(file ${__EMBED_FILES})
    get_filename_component(file "${file}" ABSOLUTE BASE_DIR "${COMPONENT_DIR}")
    get_filename_component(symbol "${file}" NAME)
    string(MAKE_C_IDENTIFIER "${symbol}" symbol)
    set(embedded "${CMAKE_CURRENT_BINARY_DIR}/${symbol}.S")
    file(WRITE "${embedded}" ".section .rodata.embedded\n.global _binary_${symbol}_start, _binary_${symbol}_end\n"
      "_binary_${symbol}_start: .incbin \"${file}\"\n_binary_${symbol}_end:\n")
    target_sources(${library} PRIVATE "${embedded}")
  endforeach()
  set_property(GLOBAL APPEND PROPERTY libraries ${library})
  set(COMPONENT_LIB ${library} PARENT_SCOPE)
endfunction()

# A folder of a component, or of components.
function(find_components result)
  set(found "")
  foreach(folder ${ARGN})
    get_filename_component(folder "${folder}" ABSOLUTE)
    if(EXISTS "${folder}/CMakeLists.txt")
      list(APPEND found "${folder}")
    else()
      file(GLOB inside "${folder}/*/CMakeLists.txt")
      foreach(file ${inside})
        get_filename_component(file "${file}" DIRECTORY)
        list(APPEND found "${file}")
      endforeach()
    endif()
  endforeach()
  set(${result} "${found}" PARENT_SCOPE)
endfunction()

function(check_requirements folder)
  set(file "${CMAKE_BINARY_DIR}/requirements")
  execute_process(COMMAND "${CMAKE_COMMAND}" "-DCOMPONENT_DIR=${folder}" "-DOUTPUT=${file}"
    -P "${idf_path}/tools/cmake/early.cmake" RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${folder}: its requirements cannot be had without a configuration")
  endif()
  file(READ "${file}" requires)
  foreach(name ${requires})
    if(NOT name IN_LIST idf_components)
      message(FATAL_ERROR "Failed to resolve component '${name}' required by ${folder}")
    endif()
  endforeach()
endfunction()

function(configure_project)
  set(kconfigs "")
  foreach(folder ${ARGN})
    if(EXISTS "${folder}/Kconfig")
      list(APPEND kconfigs "${folder}/Kconfig")
    endif()
  endforeach()
  if(NOT SDKCONFIG_DEFAULTS AND EXISTS "${CMAKE_SOURCE_DIR}/sdkconfig.defaults")
    set(SDKCONFIG_DEFAULTS "${CMAKE_SOURCE_DIR}/sdkconfig.defaults")
  endif()
  file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/config")
  execute_process(COMMAND "${PYTHON}" "${idf_path}/kconfig.py" "${IDF_TARGET}"
    "${CMAKE_BINARY_DIR}/config/sdkconfig.h" "${CMAKE_BINARY_DIR}/config/sdkconfig.cmake"
    ${kconfigs} -- ${SDKCONFIG_DEFAULTS} RESULT_VARIABLE status ERROR_VARIABLE why)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "Kconfig: ${why}")
  endif()
endfunction()

# What every component is compiled with; ESP-IDF keeps it as properties of a target, too.
function(set_compile_options)
  add_library(__idf_build_target STATIC IMPORTED GLOBAL)
  set_target_properties(__idf_build_target PROPERTIES
    COMPILE_OPTIONS "-ffunction-sections;-fdata-sections;-Wall;-Werror=all;-Wno-error=unused-function;\
-Wno-error=unused-variable;-Wno-error=unused-but-set-variable;-Wno-error=deprecated-declarations;-Wextra;\
-Wno-error=extra;-Wno-unused-parameter;-Wno-sign-compare;-ggdb;-Og;-fno-jump-tables;-fno-tree-switch-conversion"
    C_COMPILE_OPTIONS "-std=gnu17;-Wno-old-style-declaration")
endfunction()

macro(project name)
  _project(${name} C ASM)
  set_compile_options()
  find_components(components ${EXTRA_COMPONENT_DIRS} "${CMAKE_SOURCE_DIR}/components" "${CMAKE_SOURCE_DIR}/main")
  foreach(folder ${components})
    check_requirements("${folder}")
  endforeach()
  configure_project(${components})
  include("${CMAKE_BINARY_DIR}/config/sdkconfig.cmake")
  foreach(folder ${components})
    set(COMPONENT_DIR "${folder}")
    get_filename_component(component "${folder}" NAME)
    add_subdirectory("${folder}" "${CMAKE_BINARY_DIR}/esp-idf/${component}")
  endforeach()
  get_property(libraries GLOBAL PROPERTY libraries)
  if("__idf_main" IN_LIST libraries) # it requires all the others
    foreach(library ${libraries})
      if(NOT library STREQUAL "__idf_main")
        target_link_libraries(__idf_main PUBLIC ${library})
      endif()
    endforeach()
  endif()
endmacro()
