
/* art: C23, where these are keywords (ISO/IEC 9899:2024, 7.19) */
#if !defined(__cplusplus) && __STDC_VERSION__ >= 202311L
#undef true
#undef false
#undef bool
#endif
