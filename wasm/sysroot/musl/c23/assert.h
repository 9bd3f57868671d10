
/* art: C23, where the condition may hold commas (ISO/IEC 9899:2024, 7.2), and static_assert is a keyword */
#if !defined(__cplusplus) && __STDC_VERSION__ >= 202311L
#undef static_assert
#undef assert
#ifdef NDEBUG
#define assert(...) ((void)0)
#else
#define assert(...) ((void)((__VA_ARGS__) || (__assert_fail(#__VA_ARGS__, __FILE__, __LINE__, __func__),0)))
#endif
#endif
