#!/usr/bin/env python3
"""Fails when PROGRAM loads a library whose name starts with one of the given, directly or through another library.

    linked_libraries.py PROGRAM NAME...
"""
import os
import subprocess
import sys


def offending(ldd_output, names):
    libraries = {line.split()[0] for line in ldd_output.splitlines() if line.strip()}
    return sorted(library for library in libraries if os.path.basename(library).startswith(tuple(names)))


def main():
    program, names = sys.argv[1], sys.argv[2:]
    output = subprocess.run(['ldd', program], check=True, capture_output=True, text=True,
                            env={**os.environ, 'LC_ALL': 'C'}).stdout
    if 'libc.so' not in output:
        print(f'ldd lists no libraries of {program}')
        return 1
    found = offending(output, names)
    print(f'{program} loads {", ".join(found)}' if found else f'{program} loads none of {", ".join(names)}')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
