"""Runs a KCL program as its command line does: kcl.py FILE COUNT."""

import sys

import kcl_lib.api as api

file, count = sys.argv[1:]
arguments = api.ExecProgramArgs(
    k_filename_list=[file], args=[api.Argument(name="count", value=count)]
)
print(api.API().exec_program(arguments).yaml_result)
