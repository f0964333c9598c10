# add_portal_plugin(NAME SOURCES...) builds build/plugins/NAME.so
#
# A plugin is linked against nothing: no C library, no start files, no
# constructors, no writable data outside the part that the dynamic linker makes
# read-only. The loader proves this of the file before it opens it. Builds with
# sanitizers, coverage or fuzzing put code of their own into every object, so
# there a plugin is an ordinary shared object and the loader does not ask.

if(NOT DEFINED PORTAL_INCLUDE_DIR)
  set(PORTAL_INCLUDE_DIR ${CMAKE_CURRENT_LIST_DIR}/../include)
endif()

function(portal_plugin_flags target)
  target_include_directories(${target} PRIVATE ${PORTAL_INCLUDE_DIR})
  target_compile_options(${target} PRIVATE -fPIC -fvisibility=hidden -ffreestanding
    -fno-stack-protector -U_FORTIFY_SOURCE -fno-asynchronous-unwind-tables)
  # Compilers may turn loops into calls of functions that are not there.
  target_compile_options(${target} PRIVATE $<$<C_COMPILER_ID:GNU>:-fno-tree-loop-distribute-patterns>)
  target_link_options(${target} PRIVATE -nostdlib -Wl,-z,relro,-z,now,-z,noexecstack
    -Wl,--hash-style=gnu,--build-id=none)
endfunction()

function(add_portal_plugin name)
  set(target plugin-${name})
  add_library(${target} MODULE ${ARGN})
  set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME ${name}
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins)
  if(CASEROUTE_SANITIZE OR CASEROUTE_FUZZ OR CASEROUTE_COVERAGE)
    target_include_directories(${target} PRIVATE ${PORTAL_INCLUDE_DIR})
    target_compile_options(${target} PRIVATE -fPIC -fvisibility=hidden)
  else()
    portal_plugin_flags(${target})
  endif()
endfunction()
