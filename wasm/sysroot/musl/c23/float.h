
/* art: C23, which musl does not know (ISO/IEC 9899:2024, 5.2.5.3.3); INFINITY and NAN as musl's math.h has them */
#if !defined(__cplusplus) && __STDC_VERSION__ >= 202311L && !defined(__STDC_VERSION_FLOAT_H__)
#define __STDC_VERSION_FLOAT_H__ 202311L
#ifndef INFINITY
#define INFINITY  __builtin_inff()
#endif
#ifndef NAN
#define NAN       __builtin_nanf("")
#endif
#define FLT_SNAN __builtin_nansf("")
#define DBL_SNAN __builtin_nans("")
#define LDBL_SNAN __builtin_nansl("")
#define FLT_NORM_MAX FLT_MAX
#define DBL_NORM_MAX DBL_MAX
#define LDBL_NORM_MAX LDBL_MAX
#define FLT_IS_IEC_60559 2
#define DBL_IS_IEC_60559 2
#if LDBL_MANT_DIG == 113
#define LDBL_IS_IEC_60559 2
#else
#define LDBL_IS_IEC_60559 1
#endif
#endif
