
/* art: C23, which musl does not know (ISO/IEC 9899:2024, 5.2.5.3.2) */
#if !defined(__cplusplus) && __STDC_VERSION__ >= 202311L && !defined(__STDC_VERSION_LIMITS_H__)
#define __STDC_VERSION_LIMITS_H__ 202311L
#define BOOL_WIDTH __BOOL_WIDTH__
#define BOOL_MAX 1
#define CHAR_WIDTH CHAR_BIT
#define SCHAR_WIDTH CHAR_BIT
#define UCHAR_WIDTH CHAR_BIT
#define SHRT_WIDTH __SHRT_WIDTH__
#define USHRT_WIDTH __SHRT_WIDTH__
#define INT_WIDTH __INT_WIDTH__
#define UINT_WIDTH __INT_WIDTH__
#define LONG_WIDTH __LONG_WIDTH__
#define ULONG_WIDTH __LONG_WIDTH__
#define LLONG_WIDTH __LLONG_WIDTH__
#define ULLONG_WIDTH __LLONG_WIDTH__
#define BITINT_MAXWIDTH __BITINT_MAXWIDTH__
#endif
