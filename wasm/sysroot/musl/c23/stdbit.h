/* art: C23's bit utilities (ISO/IEC 9899:2024, 7.18), of which musl has none. Functions are inline: nothing to link. */
#ifndef _STDBIT_H
#define _STDBIT_H

#if !defined(__cplusplus) && __STDC_VERSION__ >= 202311L
#define __STDC_VERSION_STDBIT_H__ 202311L
#define __STDC_ENDIAN_LITTLE__ __ORDER_LITTLE_ENDIAN__
#define __STDC_ENDIAN_BIG__ __ORDER_BIG_ENDIAN__
#define __STDC_ENDIAN_NATIVE__ __BYTE_ORDER__

#include <stddef.h>
#include <stdint.h>

#define __STDC_BIT static inline __attribute__((__always_inline__, __unused__, __const__))

__STDC_BIT unsigned int stdc_leading_zeros_uc(unsigned char __x) { return (unsigned)__builtin_clzg(__x, __CHAR_BIT__); }
__STDC_BIT unsigned int stdc_leading_zeros_us(unsigned short __x) { return (unsigned)__builtin_clzg(__x, __SHRT_WIDTH__); }
__STDC_BIT unsigned int stdc_leading_zeros_ui(unsigned int __x) { return (unsigned)__builtin_clzg(__x, __INT_WIDTH__); }
__STDC_BIT unsigned int stdc_leading_zeros_ul(unsigned long __x) { return (unsigned)__builtin_clzg(__x, __LONG_WIDTH__); }
__STDC_BIT unsigned int stdc_leading_zeros_ull(unsigned long long __x) { return (unsigned)__builtin_clzg(__x, __LLONG_WIDTH__); }
#define stdc_leading_zeros(x) _Generic((x), unsigned char: stdc_leading_zeros_uc, unsigned short: stdc_leading_zeros_us, unsigned int: stdc_leading_zeros_ui, unsigned long: stdc_leading_zeros_ul, unsigned long long: stdc_leading_zeros_ull)(x)

__STDC_BIT unsigned int stdc_leading_ones_uc(unsigned char __x) { return (unsigned)__builtin_clzg((unsigned char)~__x, __CHAR_BIT__); }
__STDC_BIT unsigned int stdc_leading_ones_us(unsigned short __x) { return (unsigned)__builtin_clzg((unsigned short)~__x, __SHRT_WIDTH__); }
__STDC_BIT unsigned int stdc_leading_ones_ui(unsigned int __x) { return (unsigned)__builtin_clzg((unsigned int)~__x, __INT_WIDTH__); }
__STDC_BIT unsigned int stdc_leading_ones_ul(unsigned long __x) { return (unsigned)__builtin_clzg((unsigned long)~__x, __LONG_WIDTH__); }
__STDC_BIT unsigned int stdc_leading_ones_ull(unsigned long long __x) { return (unsigned)__builtin_clzg((unsigned long long)~__x, __LLONG_WIDTH__); }
#define stdc_leading_ones(x) _Generic((x), unsigned char: stdc_leading_ones_uc, unsigned short: stdc_leading_ones_us, unsigned int: stdc_leading_ones_ui, unsigned long: stdc_leading_ones_ul, unsigned long long: stdc_leading_ones_ull)(x)

__STDC_BIT unsigned int stdc_trailing_zeros_uc(unsigned char __x) { return (unsigned)__builtin_ctzg(__x, __CHAR_BIT__); }
__STDC_BIT unsigned int stdc_trailing_zeros_us(unsigned short __x) { return (unsigned)__builtin_ctzg(__x, __SHRT_WIDTH__); }
__STDC_BIT unsigned int stdc_trailing_zeros_ui(unsigned int __x) { return (unsigned)__builtin_ctzg(__x, __INT_WIDTH__); }
__STDC_BIT unsigned int stdc_trailing_zeros_ul(unsigned long __x) { return (unsigned)__builtin_ctzg(__x, __LONG_WIDTH__); }
__STDC_BIT unsigned int stdc_trailing_zeros_ull(unsigned long long __x) { return (unsigned)__builtin_ctzg(__x, __LLONG_WIDTH__); }
#define stdc_trailing_zeros(x) _Generic((x), unsigned char: stdc_trailing_zeros_uc, unsigned short: stdc_trailing_zeros_us, unsigned int: stdc_trailing_zeros_ui, unsigned long: stdc_trailing_zeros_ul, unsigned long long: stdc_trailing_zeros_ull)(x)

__STDC_BIT unsigned int stdc_trailing_ones_uc(unsigned char __x) { return (unsigned)__builtin_ctzg((unsigned char)~__x, __CHAR_BIT__); }
__STDC_BIT unsigned int stdc_trailing_ones_us(unsigned short __x) { return (unsigned)__builtin_ctzg((unsigned short)~__x, __SHRT_WIDTH__); }
__STDC_BIT unsigned int stdc_trailing_ones_ui(unsigned int __x) { return (unsigned)__builtin_ctzg((unsigned int)~__x, __INT_WIDTH__); }
__STDC_BIT unsigned int stdc_trailing_ones_ul(unsigned long __x) { return (unsigned)__builtin_ctzg((unsigned long)~__x, __LONG_WIDTH__); }
__STDC_BIT unsigned int stdc_trailing_ones_ull(unsigned long long __x) { return (unsigned)__builtin_ctzg((unsigned long long)~__x, __LLONG_WIDTH__); }
#define stdc_trailing_ones(x) _Generic((x), unsigned char: stdc_trailing_ones_uc, unsigned short: stdc_trailing_ones_us, unsigned int: stdc_trailing_ones_ui, unsigned long: stdc_trailing_ones_ul, unsigned long long: stdc_trailing_ones_ull)(x)

__STDC_BIT unsigned int stdc_first_leading_zero_uc(unsigned char __x) { return (unsigned char)~__x == 0 ? 0 : 1 + (unsigned)__builtin_clzg((unsigned char)~__x, 0); }
__STDC_BIT unsigned int stdc_first_leading_zero_us(unsigned short __x) { return (unsigned short)~__x == 0 ? 0 : 1 + (unsigned)__builtin_clzg((unsigned short)~__x, 0); }
__STDC_BIT unsigned int stdc_first_leading_zero_ui(unsigned int __x) { return (unsigned int)~__x == 0 ? 0 : 1 + (unsigned)__builtin_clzg((unsigned int)~__x, 0); }
__STDC_BIT unsigned int stdc_first_leading_zero_ul(unsigned long __x) { return (unsigned long)~__x == 0 ? 0 : 1 + (unsigned)__builtin_clzg((unsigned long)~__x, 0); }
__STDC_BIT unsigned int stdc_first_leading_zero_ull(unsigned long long __x) { return (unsigned long long)~__x == 0 ? 0 : 1 + (unsigned)__builtin_clzg((unsigned long long)~__x, 0); }
#define stdc_first_leading_zero(x) _Generic((x), unsigned char: stdc_first_leading_zero_uc, unsigned short: stdc_first_leading_zero_us, unsigned int: stdc_first_leading_zero_ui, unsigned long: stdc_first_leading_zero_ul, unsigned long long: stdc_first_leading_zero_ull)(x)

__STDC_BIT unsigned int stdc_first_leading_one_uc(unsigned char __x) { return __x == 0 ? 0 : 1 + (unsigned)__builtin_clzg(__x, 0); }
__STDC_BIT unsigned int stdc_first_leading_one_us(unsigned short __x) { return __x == 0 ? 0 : 1 + (unsigned)__builtin_clzg(__x, 0); }
__STDC_BIT unsigned int stdc_first_leading_one_ui(unsigned int __x) { return __x == 0 ? 0 : 1 + (unsigned)__builtin_clzg(__x, 0); }
__STDC_BIT unsigned int stdc_first_leading_one_ul(unsigned long __x) { return __x == 0 ? 0 : 1 + (unsigned)__builtin_clzg(__x, 0); }
__STDC_BIT unsigned int stdc_first_leading_one_ull(unsigned long long __x) { return __x == 0 ? 0 : 1 + (unsigned)__builtin_clzg(__x, 0); }
#define stdc_first_leading_one(x) _Generic((x), unsigned char: stdc_first_leading_one_uc, unsigned short: stdc_first_leading_one_us, unsigned int: stdc_first_leading_one_ui, unsigned long: stdc_first_leading_one_ul, unsigned long long: stdc_first_leading_one_ull)(x)

__STDC_BIT unsigned int stdc_first_trailing_zero_uc(unsigned char __x) { return (unsigned char)~__x == 0 ? 0 : 1 + (unsigned)__builtin_ctzg((unsigned char)~__x, 0); }
__STDC_BIT unsigned int stdc_first_trailing_zero_us(unsigned short __x) { return (unsigned short)~__x == 0 ? 0 : 1 + (unsigned)__builtin_ctzg((unsigned short)~__x, 0); }
__STDC_BIT unsigned int stdc_first_trailing_zero_ui(unsigned int __x) { return (unsigned int)~__x == 0 ? 0 : 1 + (unsigned)__builtin_ctzg((unsigned int)~__x, 0); }
__STDC_BIT unsigned int stdc_first_trailing_zero_ul(unsigned long __x) { return (unsigned long)~__x == 0 ? 0 : 1 + (unsigned)__builtin_ctzg((unsigned long)~__x, 0); }
__STDC_BIT unsigned int stdc_first_trailing_zero_ull(unsigned long long __x) { return (unsigned long long)~__x == 0 ? 0 : 1 + (unsigned)__builtin_ctzg((unsigned long long)~__x, 0); }
#define stdc_first_trailing_zero(x) _Generic((x), unsigned char: stdc_first_trailing_zero_uc, unsigned short: stdc_first_trailing_zero_us, unsigned int: stdc_first_trailing_zero_ui, unsigned long: stdc_first_trailing_zero_ul, unsigned long long: stdc_first_trailing_zero_ull)(x)

__STDC_BIT unsigned int stdc_first_trailing_one_uc(unsigned char __x) { return __x == 0 ? 0 : 1 + (unsigned)__builtin_ctzg(__x, 0); }
__STDC_BIT unsigned int stdc_first_trailing_one_us(unsigned short __x) { return __x == 0 ? 0 : 1 + (unsigned)__builtin_ctzg(__x, 0); }
__STDC_BIT unsigned int stdc_first_trailing_one_ui(unsigned int __x) { return __x == 0 ? 0 : 1 + (unsigned)__builtin_ctzg(__x, 0); }
__STDC_BIT unsigned int stdc_first_trailing_one_ul(unsigned long __x) { return __x == 0 ? 0 : 1 + (unsigned)__builtin_ctzg(__x, 0); }
__STDC_BIT unsigned int stdc_first_trailing_one_ull(unsigned long long __x) { return __x == 0 ? 0 : 1 + (unsigned)__builtin_ctzg(__x, 0); }
#define stdc_first_trailing_one(x) _Generic((x), unsigned char: stdc_first_trailing_one_uc, unsigned short: stdc_first_trailing_one_us, unsigned int: stdc_first_trailing_one_ui, unsigned long: stdc_first_trailing_one_ul, unsigned long long: stdc_first_trailing_one_ull)(x)

__STDC_BIT unsigned int stdc_count_zeros_uc(unsigned char __x) { return (unsigned)__builtin_popcountg((unsigned char)~__x); }
__STDC_BIT unsigned int stdc_count_zeros_us(unsigned short __x) { return (unsigned)__builtin_popcountg((unsigned short)~__x); }
__STDC_BIT unsigned int stdc_count_zeros_ui(unsigned int __x) { return (unsigned)__builtin_popcountg((unsigned int)~__x); }
__STDC_BIT unsigned int stdc_count_zeros_ul(unsigned long __x) { return (unsigned)__builtin_popcountg((unsigned long)~__x); }
__STDC_BIT unsigned int stdc_count_zeros_ull(unsigned long long __x) { return (unsigned)__builtin_popcountg((unsigned long long)~__x); }
#define stdc_count_zeros(x) _Generic((x), unsigned char: stdc_count_zeros_uc, unsigned short: stdc_count_zeros_us, unsigned int: stdc_count_zeros_ui, unsigned long: stdc_count_zeros_ul, unsigned long long: stdc_count_zeros_ull)(x)

__STDC_BIT unsigned int stdc_count_ones_uc(unsigned char __x) { return (unsigned)__builtin_popcountg(__x); }
__STDC_BIT unsigned int stdc_count_ones_us(unsigned short __x) { return (unsigned)__builtin_popcountg(__x); }
__STDC_BIT unsigned int stdc_count_ones_ui(unsigned int __x) { return (unsigned)__builtin_popcountg(__x); }
__STDC_BIT unsigned int stdc_count_ones_ul(unsigned long __x) { return (unsigned)__builtin_popcountg(__x); }
__STDC_BIT unsigned int stdc_count_ones_ull(unsigned long long __x) { return (unsigned)__builtin_popcountg(__x); }
#define stdc_count_ones(x) _Generic((x), unsigned char: stdc_count_ones_uc, unsigned short: stdc_count_ones_us, unsigned int: stdc_count_ones_ui, unsigned long: stdc_count_ones_ul, unsigned long long: stdc_count_ones_ull)(x)

__STDC_BIT bool stdc_has_single_bit_uc(unsigned char __x) { return __builtin_popcountg(__x) == 1; }
__STDC_BIT bool stdc_has_single_bit_us(unsigned short __x) { return __builtin_popcountg(__x) == 1; }
__STDC_BIT bool stdc_has_single_bit_ui(unsigned int __x) { return __builtin_popcountg(__x) == 1; }
__STDC_BIT bool stdc_has_single_bit_ul(unsigned long __x) { return __builtin_popcountg(__x) == 1; }
__STDC_BIT bool stdc_has_single_bit_ull(unsigned long long __x) { return __builtin_popcountg(__x) == 1; }
#define stdc_has_single_bit(x) _Generic((x), unsigned char: stdc_has_single_bit_uc, unsigned short: stdc_has_single_bit_us, unsigned int: stdc_has_single_bit_ui, unsigned long: stdc_has_single_bit_ul, unsigned long long: stdc_has_single_bit_ull)(x)

__STDC_BIT unsigned int stdc_bit_width_uc(unsigned char __x) { return __CHAR_BIT__ - (unsigned)__builtin_clzg(__x, __CHAR_BIT__); }
__STDC_BIT unsigned int stdc_bit_width_us(unsigned short __x) { return __SHRT_WIDTH__ - (unsigned)__builtin_clzg(__x, __SHRT_WIDTH__); }
__STDC_BIT unsigned int stdc_bit_width_ui(unsigned int __x) { return __INT_WIDTH__ - (unsigned)__builtin_clzg(__x, __INT_WIDTH__); }
__STDC_BIT unsigned int stdc_bit_width_ul(unsigned long __x) { return __LONG_WIDTH__ - (unsigned)__builtin_clzg(__x, __LONG_WIDTH__); }
__STDC_BIT unsigned int stdc_bit_width_ull(unsigned long long __x) { return __LLONG_WIDTH__ - (unsigned)__builtin_clzg(__x, __LLONG_WIDTH__); }
#define stdc_bit_width(x) _Generic((x), unsigned char: stdc_bit_width_uc, unsigned short: stdc_bit_width_us, unsigned int: stdc_bit_width_ui, unsigned long: stdc_bit_width_ul, unsigned long long: stdc_bit_width_ull)(x)

__STDC_BIT unsigned char stdc_bit_floor_uc(unsigned char __x) { return __x == 0 ? 0 : (unsigned char)((unsigned char)1 << (__CHAR_BIT__ - 1 - __builtin_clzg(__x, 0))); }
__STDC_BIT unsigned short stdc_bit_floor_us(unsigned short __x) { return __x == 0 ? 0 : (unsigned short)((unsigned short)1 << (__SHRT_WIDTH__ - 1 - __builtin_clzg(__x, 0))); }
__STDC_BIT unsigned int stdc_bit_floor_ui(unsigned int __x) { return __x == 0 ? 0 : (unsigned int)((unsigned int)1 << (__INT_WIDTH__ - 1 - __builtin_clzg(__x, 0))); }
__STDC_BIT unsigned long stdc_bit_floor_ul(unsigned long __x) { return __x == 0 ? 0 : (unsigned long)((unsigned long)1 << (__LONG_WIDTH__ - 1 - __builtin_clzg(__x, 0))); }
__STDC_BIT unsigned long long stdc_bit_floor_ull(unsigned long long __x) { return __x == 0 ? 0 : (unsigned long long)((unsigned long long)1 << (__LLONG_WIDTH__ - 1 - __builtin_clzg(__x, 0))); }
#define stdc_bit_floor(x) _Generic((x), unsigned char: stdc_bit_floor_uc, unsigned short: stdc_bit_floor_us, unsigned int: stdc_bit_floor_ui, unsigned long: stdc_bit_floor_ul, unsigned long long: stdc_bit_floor_ull)(x)

__STDC_BIT unsigned char stdc_bit_ceil_uc(unsigned char __x) { return __x <= 1 ? 1 : (unsigned char)((unsigned char)2 << (__CHAR_BIT__ - 1 - __builtin_clzg((unsigned char)(__x - 1), 0))); }
__STDC_BIT unsigned short stdc_bit_ceil_us(unsigned short __x) { return __x <= 1 ? 1 : (unsigned short)((unsigned short)2 << (__SHRT_WIDTH__ - 1 - __builtin_clzg((unsigned short)(__x - 1), 0))); }
__STDC_BIT unsigned int stdc_bit_ceil_ui(unsigned int __x) { return __x <= 1 ? 1 : (unsigned int)((unsigned int)2 << (__INT_WIDTH__ - 1 - __builtin_clzg((unsigned int)(__x - 1), 0))); }
__STDC_BIT unsigned long stdc_bit_ceil_ul(unsigned long __x) { return __x <= 1 ? 1 : (unsigned long)((unsigned long)2 << (__LONG_WIDTH__ - 1 - __builtin_clzg((unsigned long)(__x - 1), 0))); }
__STDC_BIT unsigned long long stdc_bit_ceil_ull(unsigned long long __x) { return __x <= 1 ? 1 : (unsigned long long)((unsigned long long)2 << (__LLONG_WIDTH__ - 1 - __builtin_clzg((unsigned long long)(__x - 1), 0))); }
#define stdc_bit_ceil(x) _Generic((x), unsigned char: stdc_bit_ceil_uc, unsigned short: stdc_bit_ceil_us, unsigned int: stdc_bit_ceil_ui, unsigned long: stdc_bit_ceil_ul, unsigned long long: stdc_bit_ceil_ull)(x)

#undef __STDC_BIT
#endif

#endif
