/** What went wrong, for programs. The first group is wrong usage (the command exits with 2), the rest are failures (1). */
export type ArtErrorCode =
  | 'UNKNOWN_OPTION'
  | 'INVALID_OPTION'
  | 'UNKNOWN_TARGET'
  | 'UNSUPPORTED_FLAG'
  | 'NO_INPUT'
  | 'CONFIG_INVALID'
  | 'CONFIG_EXISTS'
  | 'COMPILE_COMMANDS_INVALID'
  | 'INPUT_NOT_FOUND'
  | 'INPUT_UNREADABLE'
  | 'NO_SOURCES'
  | 'DUPLICATE_PAYLOAD_PATH'
  | 'SOURCE_CHANGED'
  | 'OUTPUT_NOT_WRITABLE'
  | 'COMPILE_FAILED'
  | 'PROGRAM_CORRUPT'
  | 'MANIFEST_INVALID'
  | 'ARCHIVE_INVALID'
  | 'PART_INVALID'
  | 'NO_SUCH_ENTRY'
  | 'SIGNATURE_INVALID'
  | 'KEY_INVALID'
  | 'LINK_FAILED'
  | 'MIXED_TARGETS'
  | 'OBJECT_INVALID'
  | 'PROFILE_INVALID'
  | 'PROFILE_UNMATCHED'
  | 'CANNOT_RUN'
  | 'CANCELLED';

const USAGE_CODES: ReadonlySet<ArtErrorCode> = new Set([
  'UNKNOWN_OPTION',
  'INVALID_OPTION',
  'UNKNOWN_TARGET',
  'UNSUPPORTED_FLAG',
  'NO_INPUT',
  'CONFIG_INVALID',
  'COMPILE_COMMANDS_INVALID',
]);

/** The one error class of this library. `message` names the file, flag or key at fault and what to do about it. */
export class ArtError extends Error {
  override readonly name = 'ArtError';

  constructor(
    readonly code: ArtErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** True where the caller's words are wrong, not the state of the files. */
  get isUsage(): boolean {
    return USAGE_CODES.has(this.code);
  }
}

/** The text of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

export const TOO_FEW_FILES =
  'this process may open too few files at once: allow it 64 or more (ulimit -n 64), or fewer units at once (--jobs 1)';

/** Whether something was thrown since no more files can be opened. */
export function isTooFewFiles(thrown: unknown): boolean {
  const { code, cause } = (thrown ?? {}) as { code?: unknown; cause?: unknown };
  return code === 'EMFILE' || code === 'ENFILE' || (cause !== undefined && isTooFewFiles(cause));
}
