# The requirements of one component, asked for without project and configuration.
set(CMAKE_BUILD_EARLY_EXPANSION 1)

macro(idf_component_register)
  cmake_parse_arguments(_ "" "" "SRCS;INCLUDE_DIRS;PRIV_INCLUDE_DIRS;REQUIRES;PRIV_REQUIRES;EMBED_FILES" ${ARGN})
  set(requires ${__REQUIRES} ${__PRIV_REQUIRES})
  return()
endmacro()

function(ask)
  include("${COMPONENT_DIR}/CMakeLists.txt")
  file(WRITE "${OUTPUT}" "${requires}")
endfunction()
ask()
