
/* art: C23, which musl does not know (ISO/IEC 9899:2024, 7.21) */
#if !defined(__cplusplus) && __STDC_VERSION__ >= 202311L && !defined(__STDC_VERSION_STDDEF_H__)
#define __STDC_VERSION_STDDEF_H__ 202311L
typedef typeof(nullptr) nullptr_t;
#define unreachable() __builtin_unreachable()
#endif
