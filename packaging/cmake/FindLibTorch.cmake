# Finds LibTorch inside a PyPI wheel (or an unpacked LibTorch archive) and links its libraries directly.
#
# LibTorch's own CMake package stops where a CUDA build meets no CUDA toolkit; neither the toolkit nor a GPU is needed
# to link the libraries by name, so that is what is done here.
#
# In:   ARCHSCOPE_TORCH_ROOT, the folder that holds include/ and lib/. Empty: what `packaging/setup.sh` put into its cache.
# Out:  target archscope_torch, variable LibTorch_CUDA. Nothing found is cached: another root is looked at afresh.
if(NOT ARCHSCOPE_TORCH_ROOT)
    if(NOT "$ENV{XDG_CACHE_HOME}" STREQUAL "")
        set(_cache "$ENV{XDG_CACHE_HOME}")
    else()
        set(_cache "$ENV{HOME}/.cache")
    endif()
    file(GLOB _candidates "${_cache}/archscope/libtorch/lib/python3*/site-packages/torch")
    list(APPEND _candidates "${_cache}/archscope/libtorch")
    foreach(_candidate IN LISTS _candidates)
        if(EXISTS "${_candidate}/include/ATen/ATen.h")
            set(ARCHSCOPE_TORCH_ROOT "${_candidate}")
            break()
        endif()
    endforeach()
endif()

find_path(LibTorch_INCLUDE_DIR ATen/ATen.h PATHS "${ARCHSCOPE_TORCH_ROOT}/include" NO_DEFAULT_PATH NO_CACHE)
foreach(_lib torch torch_cpu c10)
    find_library(LibTorch_${_lib}_LIBRARY ${_lib} PATHS "${ARCHSCOPE_TORCH_ROOT}/lib" NO_DEFAULT_PATH NO_CACHE)
endforeach()
foreach(_lib torch_cuda c10_cuda)
    find_library(LibTorch_${_lib}_LIBRARY ${_lib} PATHS "${ARCHSCOPE_TORCH_ROOT}/lib" NO_DEFAULT_PATH NO_CACHE)
endforeach()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
    REASON_FAILURE_MESSAGE "run packaging/setup.sh, or set ARCHSCOPE_TORCH_ROOT to the folder with LibTorch's include/ and lib/"
    REQUIRED_VARS LibTorch_INCLUDE_DIR LibTorch_torch_LIBRARY LibTorch_torch_cpu_LIBRARY LibTorch_c10_LIBRARY)

if(LibTorch_FOUND AND NOT TARGET archscope_torch)
    add_library(archscope_torch INTERFACE)
    # The wheel has copies of fmt's and protobuf's headers, newer or older than the libraries of the system: those of the
    # system come first.
    target_compile_options(archscope_torch INTERFACE "SHELL:-idirafter \"${LibTorch_INCLUDE_DIR}\""
        "SHELL:-idirafter \"${LibTorch_INCLUDE_DIR}/torch/csrc/api/include\"")
    target_link_libraries(archscope_torch INTERFACE
        "${LibTorch_torch_LIBRARY}" "${LibTorch_torch_cpu_LIBRARY}" "${LibTorch_c10_LIBRARY}")
    set(LibTorch_CUDA OFF)
    if(LibTorch_torch_cuda_LIBRARY AND LibTorch_c10_cuda_LIBRARY)
        set(LibTorch_CUDA ON)
        # Nothing refers to these by symbol: they register their kernels when loaded. The CUDA runtime they need lies in
        # sibling wheels (nvidia/…), which their own run paths name for the loader; some linkers do not follow those.
        target_link_options(archscope_torch INTERFACE
            "LINKER:--push-state,--no-as-needed,${LibTorch_torch_cuda_LIBRARY},${LibTorch_c10_cuda_LIBRARY},--pop-state"
            "LINKER:--allow-shlib-undefined")
    endif()
    message(STATUS "LibTorch: ${ARCHSCOPE_TORCH_ROOT} (CUDA: ${LibTorch_CUDA})")
endif()
