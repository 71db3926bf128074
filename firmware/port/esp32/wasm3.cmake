# Finds wasm3's source and makes what is compiled of it: an edited copy in the build folder; what it is edited for is in
# wasm3_transform.json. Gives rosehip_engine, rosehip_engine_includes and rosehip_wasm3_flags.

rosehip_path(rosehip_wasm3 ROSEHIP_WASM3_DIR "${CONFIG_ROSEHIP_WASM3_DIR}")
if(EXISTS "${rosehip_wasm3}/source/m3_env.h")
  set(rosehip_wasm3 "${rosehip_wasm3}/source")
endif()
if(NOT EXISTS "${rosehip_wasm3}/m3_env.h")
  rosehip_miss("The source of wasm3 is not in ROSEHIP_WASM3_DIR (\"${rosehip_wasm3}\").
To fix: git clone --depth 1 --branch v0.9.0 https://github.com/wasm3/wasm3.git
        idf.py -DROSEHIP_WASM3_DIR=/path/to/wasm3 build")
  return()
endif()

set(rosehip_tools "${rosehip_root}/toolchain/firmware")
set(rosehip_copy "${CMAKE_CURRENT_BINARY_DIR}/wasm3")
idf_build_get_property(rosehip_python PYTHON)
execute_process(
  COMMAND "${rosehip_python}" "${rosehip_tools}/wasm3_prepare.py" "${rosehip_wasm3}" "${rosehip_copy}"
  RESULT_VARIABLE rosehip_status ERROR_VARIABLE rosehip_reason)
if(NOT rosehip_status EQUAL 0)
  rosehip_miss("${rosehip_reason}")
  return()
endif()
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
  "${rosehip_tools}/wasm3_prepare.py" "${rosehip_tools}/wasm3_transform.json")

file(GLOB rosehip_engine "${rosehip_copy}/*.c")
set(rosehip_engine_includes "${rosehip_root}/firmware/src/wasm" "${rosehip_copy}")

# Not ours: no warnings. Its instructions are functions that end in calls to the next, which need no stack only if the
# compiler makes jumps of these calls, so it is always optimised; WebAssembly's integers wrap.
set(rosehip_wasm3_flags
  "-w -Os -foptimize-sibling-calls -fwrapv -include \"${rosehip_root}/firmware/src/wasm/wasm3_config.h\"")
