// The errors of WASI preview 1, by the codes of Node's errors.

const NUMBERS: Readonly<Record<string, number>> = {
  ...{ EACCES: 2, EAGAIN: 6, EBADF: 8, EBUSY: 10, EEXIST: 20, EFAULT: 21, EFBIG: 22, EILSEQ: 25, EINVAL: 28, EIO: 29 },
  ...{
    EISDIR: 31,
    ELOOP: 32,
    EMFILE: 33,
    EMLINK: 34,
    ENAMETOOLONG: 37,
    ENFILE: 41,
    ENOENT: 44,
    ENOMEM: 48,
    ENOSPC: 51,
  },
  ...{ ENOSYS: 52, ENOTDIR: 54, ENOTEMPTY: 55, ENOTSUP: 58, ENXIO: 60, EOVERFLOW: 61, EPERM: 63, EPIPE: 64 },
  ...{ EROFS: 69, ESPIPE: 70, ETXTBSY: 74, EXDEV: 75, ENOTCAPABLE: 76 },
};

/** Thrown by a call that fails. */
export class Failure extends Error {
  constructor(readonly code: keyof typeof NUMBERS) {
    super(code);
  }
}

/** The error number for something that was thrown. */
export function errnoOf(thrown: unknown): number {
  // An address outside of the program's memory.
  if (thrown instanceof RangeError && !(thrown as { code?: unknown }).code) return NUMBERS.EFAULT as number;
  const { code } = thrown as { code?: unknown };
  if (typeof code !== 'string') return NUMBERS.EIO as number;
  return NUMBERS[code.startsWith('ERR_') ? 'EINVAL' : code] ?? (NUMBERS.EIO as number);
}
