# add_portal_plugin(NAME SOURCES...)   builds the target plugin-NAME, build/plugins/NAME.so, of C or C++
# test_portal_plugin(NAME FOLDER)      a test for ctest: `portals check` with the transcripts of the folder
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
    -fno-stack-protector -U_FORTIFY_SOURCE -fno-asynchronous-unwind-tables
    $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions -fno-rtti -fno-threadsafe-statics
    -Wno-missing-field-initializers>) # members left out are zero, as in C
  # Compilers may turn loops into calls of functions that are not there.
  foreach(language C CXX)
    target_compile_options(${target} PRIVATE
      $<$<COMPILE_LANG_AND_ID:${language},GNU>:-fno-tree-loop-distribute-patterns>)
  endforeach()
  target_link_options(${target} PRIVATE -nostdlib -Wl,-z,relro,-z,now,-z,noexecstack
    -Wl,--hash-style=gnu,--build-id=none)
endfunction()

function(add_portal_plugin name)
  set(target plugin-${name})
  add_library(${target} MODULE ${ARGN})
  set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME ${name}
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins)
  # What the header is written for; PORTAL_PLUGIN names members in C++ as of C++20.
  foreach(standard c_std_11 cxx_std_20)
    if(standard IN_LIST CMAKE_C_COMPILE_FEATURES OR standard IN_LIST CMAKE_CXX_COMPILE_FEATURES)
      target_compile_features(${target} PRIVATE ${standard})
    endif()
  endforeach()
  if(CASEROUTE_SANITIZE OR CASEROUTE_FUZZ OR CASEROUTE_COVERAGE)
    target_include_directories(${target} PRIVATE ${PORTAL_INCLUDE_DIR})
    target_compile_options(${target} PRIVATE -fPIC -fvisibility=hidden)
  else()
    portal_plugin_flags(${target})
  endif()
endfunction()

function(test_portal_plugin name folder)
  cmake_path(ABSOLUTE_PATH folder)
  if(CASEROUTE_PROGRAM)
    add_test(NAME check-${name}
      COMMAND ${CASEROUTE_PROGRAM} portals check $<TARGET_FILE:plugin-${name}> --transcripts ${folder})
  else()
    message(WARNING "caseroute is not installed, or not in PATH: plugin ${name} is built, but not tested")
  endif()
endfunction()
