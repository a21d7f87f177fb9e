/* SPDX-License-Identifier: ISC */
/*
 * A fuzz target.  Built with clang -fsanitize=fuzzer it is driven by
 * libFuzzer; linked with a replaying main it is a test like any other.
 */
#ifndef FR_TESTS_FUZZ_H
#define FR_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
