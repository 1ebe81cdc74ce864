#!/bin/bash
# Sets up what is missing, builds everything, and runs every test. GUI tests run offscreen. Arguments go to ctest:
#
#     bash packaging/test.sh [-R NAME …]
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

bash "$archscope_root/packaging/setup.sh"
build all
say "Testing on $archscope_cores cores…"
ctest --preset release --parallel "$archscope_cores" "$@"
