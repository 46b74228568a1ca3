#!/usr/bin/env bash
# TensorFlow 2.21.0 (tensorflow-cpu, CPU, x86_64 with AVX2 or AVX-512): generated code of matrix products uses the stack pointer as a
# general register. A signal that arrives at such a moment finds it outside of the thread's stack, in the heap. A handler that is not set
# with SA_ONSTACK would have its frame written there, over the program's data; so every program that runs TensorFlow on a thread that
# takes signals needs sigaltstack and SA_ONSTACK, also for SIGCHLD.
#
# Seen: with a handler on an alternate stack, some of several thousand signals during TF_SessionRun of a matrix product of 4 by 784 and
# 784 by 512 numbers (a graph made by TensorFlow itself) find the stack pointer outside of the stack; none does during a sum of as many
# numbers. Needs a C compiler. Fails when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TF_CPP_MIN_LOG_LEVEL=3
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --retries 0 tensorflow-cpu==2.21.0
library=$("$folder/venv/bin/python" -c 'import importlib.util, os; print(os.path.dirname(importlib.util.find_spec("tensorflow").origin))')
cat >"$folder/graphs.py" <<'PY'
import sys
import numpy as np
import tensorflow as tf

for name, make in {
    "product": lambda x: tf.linalg.matmul(x, tf.constant(np.full((784, 512), 0.5, np.float32))),
    "sum": lambda x: tf.reduce_sum(x, axis=1) + 1.0,
}.items():
    with tf.Graph().as_default() as graph:
        x = tf.compat.v1.placeholder(tf.float32, [4, 784], name="x")
        tf.identity(make(x), name="y")
    with open(f"{sys.argv[1]}/{name}.pb", "wb") as file:
        file.write(graph.as_graph_def().SerializeToString())
PY
"$folder/venv/bin/python" "$folder/graphs.py" "$folder" 2>/dev/null
cat >"$folder/count.c" <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <ucontext.h>

typedef struct { void *operation; int index; } Output;
typedef struct { const void *data; size_t length; void (*free)(void *, size_t); } Buffer;

static pthread_t caller;
static uintptr_t low, high;
static volatile int signals, outside;

static void count(int number, siginfo_t *info, void *context) {
  uintptr_t pointer = ((ucontext_t *)context)->uc_mcontext.gregs[REG_RSP];
  (void)number, (void)info;
  if (!pthread_equal(pthread_self(), caller)) return;
  signals++;
  if (pointer < low || pointer >= high) outside++;
}

static void *library;
#define FUNCTION(type, name, ...) type (*name)(__VA_ARGS__) = dlsym(library, #name)

int main(int argc, char **argv) {
  (void)argc;
  library = dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL);
  if (!library) return puts(dlerror()), 2;
  FUNCTION(void *, TF_NewStatus, void);
  FUNCTION(int, TF_GetCode, void *);
  FUNCTION(void *, TF_NewGraph, void);
  FUNCTION(void *, TF_NewImportGraphDefOptions, void);
  FUNCTION(void, TF_GraphImportGraphDef, void *, const Buffer *, void *, void *);
  FUNCTION(void *, TF_NewSessionOptions, void);
  FUNCTION(void, TF_SetConfig, void *, const void *, size_t, void *);
  FUNCTION(void *, TF_NewSession, void *, void *, void *);
  FUNCTION(void *, TF_GraphOperationByName, void *, const char *);
  FUNCTION(void *, TF_AllocateTensor, int, const int64_t *, int, size_t);
  FUNCTION(void *, TF_TensorData, void *);
  FUNCTION(void, TF_DeleteTensor, void *);
  FUNCTION(void, TF_SessionRun, void *, const void *, const Output *, void *const *, int, const Output *, void **, int,
           const void *const *, int, void *, void *);

  FILE *file = fopen(argv[2], "rb");
  static char bytes[8 << 20];
  Buffer graph_def = {bytes, fread(bytes, 1, sizeof bytes, file), NULL};
  void *status = TF_NewStatus(), *graph = TF_NewGraph(), *options = TF_NewSessionOptions();
  TF_GraphImportGraphDef(graph, &graph_def, TF_NewImportGraphDefOptions(), status);
  /* ConfigProto: one thread within a kernel, kernels on the thread that calls. */
  static const unsigned char config[] = {0x10, 1, 0x28, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1};
  TF_SetConfig(options, config, sizeof config, status);
  void *session = TF_NewSession(graph, options, status);
  if (TF_GetCode(status)) return 2;

  pthread_attr_t attributes;
  void *stack;
  size_t size;
  pthread_getattr_np(pthread_self(), &attributes);
  pthread_attr_getstack(&attributes, &stack, &size);
  caller = pthread_self(), low = (uintptr_t)stack, high = low + size;
  stack_t other = {.ss_sp = malloc(1 << 18), .ss_size = 1 << 18};
  sigaltstack(&other, NULL);
  struct sigaction action = {.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK};
  action.sa_sigaction = count;
  sigaction(SIGVTALRM, &action, NULL);
  struct itimerval timer = {{0, 1000}, {0, 1000}};
  setitimer(ITIMER_VIRTUAL, &timer, NULL);

  Output x = {TF_GraphOperationByName(graph, "x"), 0}, y = {TF_GraphOperationByName(graph, "y"), 0};
  const int64_t dims[] = {4, 784};
  while (signals < 3000) {
    void *input = TF_AllocateTensor(1, dims, 2, 4 * 784 * sizeof(float)), *output = NULL;
    memset(TF_TensorData(input), 0, 4 * 784 * sizeof(float));
    TF_SessionRun(session, NULL, &x, &input, 1, &y, &output, 1, NULL, 0, NULL, status);
    if (TF_GetCode(status)) return 2;
    TF_DeleteTensor(output);
    TF_DeleteTensor(input);
  }
  printf("%d\n", outside);
  return 0;
}
C
cc -O1 -o "$folder/count" "$folder/count.c" -ldl -lpthread
export LD_LIBRARY_PATH=$library
product=$("$folder/count" "$library/libtensorflow_cc.so.2" "$folder/product.pb" 2>/dev/null)
sum=$("$folder/count" "$library/libtensorflow_cc.so.2" "$folder/sum.pb" 2>/dev/null)
echo "signals that found the stack pointer outside of the stack, of 3000: product $product, sum $sum"
[ "$product" -gt 0 ] && [ "$sum" -eq 0 ]
