
/* art: C23, which musl does not know (ISO/IEC 9899:2024, 7.16): only the list is needed */
#if !defined(__cplusplus) && __STDC_VERSION__ >= 202311L && !defined(__STDC_VERSION_STDARG_H__)
#define __STDC_VERSION_STDARG_H__ 202311L
#undef va_start
#define va_start(...) __builtin_c23_va_start(__VA_ARGS__)
#endif
