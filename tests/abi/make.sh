#!/bin/sh
# How tests/abi/1.0/*.so were built from every-call.c, once, on x86-64 with Debian 12's compilers.
# They are never built again: that they still load and run is what they are kept for.
#   sh tests/abi/make.sh FOLDER
set -eu
here=$(cd "$(dirname "$0")" && pwd)
to=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

build() { # NAME LANGUAGE COMPILER STANDARD
	mkdir -p "$work/$1"
	cat >"$work/$1/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.25)
project(frozen LANGUAGES $2)
set(CMAKE_BUILD_TYPE Release)
set(CMAKE_$2_STANDARD $4)
include($here/../../plugins/portal_plugin.cmake)
add_portal_plugin($1 $here/every-call.c)
set_source_files_properties($here/every-call.c PROPERTIES LANGUAGE $2)
target_compile_definitions(plugin-$1 PRIVATE PLUGIN_NAME="$1")
END
	cmake -S "$work/$1" -B "$work/$1/build" "-DCMAKE_$2_COMPILER=$3" >/dev/null
	cmake --build "$work/$1/build" >/dev/null
	strip --strip-unneeded -o "$to/$1.so" "$work/$1/build/plugins/$1.so"
}

mkdir -p "$to"
build gcc C gcc 11
build clang C clang 11
build cxx CXX g++ 20
