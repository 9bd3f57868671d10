/**
 * The part of Node's own common.gypi that concerns add-ons: how C and C++ are compiled, optimised and linked. It is
 * used if only the headers of N-API are available.
 */
export const COMMON_GYPI = `{
  'target_defaults': {
    'default_configuration': 'Release',
    'configurations': {
      'Debug': { 'defines': ['DEBUG', '_DEBUG'], 'cflags': ['-g', '-O0'] },
      'Release': { 'cflags': ['-O3', '-fno-omit-frame-pointer'] },
    },
    'conditions': [
      ['OS == "linux"', {
        'cflags': ['-pthread', '-Wall', '-Wextra', '-Wno-unused-parameter'],
        'cflags_cc': ['-fno-rtti', '-fno-exceptions', '-std=gnu++17'],
        'defines': ['__STDC_FORMAT_MACROS'],
        'ldflags': ['-pthread', '-rdynamic'],
      }],
    ],
  },
}
`;
