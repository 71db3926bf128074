# Finds the source of Monocypher, which checks the signatures of apps, and looks at the key. It bears no version, so its
# sums are compared. Gives rosehip_monocypher and rosehip_monocypher_includes.

string(REPLACE " " "" rosehip_app_key "${rosehip_app_key}")
if(NOT rosehip_app_key MATCHES "^((0x[0-9a-fA-F]+|[0-9]+),)+(0x[0-9a-fA-F]+|[0-9]+)$")
  rosehip_miss("ROSEHIP_APP_KEY (\"${rosehip_app_key}\") is not the octets of a public key by commas.
To fix: docs/deploy.md has the command that prints them.")
  return()
endif()

rosehip_path(rosehip_monocypher_dir ROSEHIP_MONOCYPHER_DIR "${CONFIG_ROSEHIP_MONOCYPHER_DIR}")
if(EXISTS "${rosehip_monocypher_dir}/src/monocypher.c")
  set(rosehip_monocypher_dir "${rosehip_monocypher_dir}/src")
endif()
set(rosehip_monocypher
  "${rosehip_monocypher_dir}/monocypher.c" "${rosehip_monocypher_dir}/optional/monocypher-ed25519.c")
set(rosehip_monocypher_includes "${rosehip_monocypher_dir}")
set(rosehip_sums
  02174117935699d418443c75a558a287deb06ef8cf7c1adced61d9047d2f323d
  97d581639dfa72be08a6d57deb7d79b736be001cb416819cab196d22559d242b)
foreach(rosehip_index RANGE 1)
  list(GET rosehip_monocypher ${rosehip_index} rosehip_file)
  list(GET rosehip_sums ${rosehip_index} rosehip_sum)
  set(rosehip_found "")
  if(EXISTS "${rosehip_file}")
    file(SHA256 "${rosehip_file}" rosehip_found)
  endif()
  if(NOT rosehip_found STREQUAL rosehip_sum)
    rosehip_miss("The source of Monocypher 4.0.2 is not in ROSEHIP_MONOCYPHER_DIR (\"${rosehip_monocypher_dir}\").
To fix: git clone --depth 1 --branch 4.0.2 https://github.com/LoupVaillant/Monocypher.git
        idf.py -DROSEHIP_MONOCYPHER_DIR=/path/to/Monocypher build")
    return()
  endif()
endforeach()
