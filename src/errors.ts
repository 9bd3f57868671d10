/**
 * What went wrong, for programs. With `UNKNOWN_OPTION`, `INVALID_OPTION`, `UNKNOWN_TARGET`, `UNSUPPORTED_FLAG`,
 * `NO_INPUT`, `CONFIG_INVALID` and `COMPILE_COMMANDS_INVALID` a command ends with exit status 2 (wrong usage), with all
 * others with 1.
 *
 * - `UNKNOWN_OPTION`, `INVALID_OPTION`: an option that does not exist, or a value that it does not take
 * - `UNKNOWN_TARGET`: a target that art does not support
 * - `UNSUPPORTED_FLAG`: a flag of clang or of the linker that cannot work in art
 * - `NO_INPUT`: nothing was named that could be built or linked
 * - `CONFIG_INVALID`, `COMPILE_COMMANDS_INVALID`: an `art.config.json` or a `compile_commands.json` that is wrong
 * - `CONFIG_EXISTS`: `art init` finds an existing `art.config.json`
 * - `INPUT_NOT_FOUND`, `INPUT_UNREADABLE`: a file or a URL that does not exist, or cannot be read
 * - `NO_SOURCES`: a folder without sources
 * - `DUPLICATE_PAYLOAD_PATH`: two outputs would have the same path in the archive
 * - `SOURCE_CHANGED`: a file changed while it was used
 * - `OUTPUT_NOT_WRITABLE`: an output cannot be written
 * - `COMPILE_FAILED`: units did not compile; the error is a `BuildFailedError`
 * - `PROGRAM_CORRUPT`: `llvm.wasm` or a sysroot is not the one that belongs to this version of art
 * - `MANIFEST_INVALID`, `ARCHIVE_INVALID`: an artifact that does not follow its format
 * - `PART_INVALID`: parts of a build that do not fit together
 * - `NO_SUCH_ENTRY`: the artifact has no such entry
 * - `SIGNATURE_INVALID`: a signature that is missing, does not match, or was made with none of the keys
 * - `KEY_INVALID`: a key, or its passphrase, is wrong
 * - `LINK_FAILED`: the linker failed; the error is a `LinkFailedError`
 * - `MIXED_TARGETS`: the inputs of one link are for different targets
 * - `OBJECT_INVALID`: a file that is not an object, program or module
 * - `PROFILE_INVALID`: a profile or a plan that cannot be read
 * - `PROFILE_UNMATCHED`: a profile of which no function is in the sources
 * - `CANNOT_RUN`: a program that this machine cannot run
 * - `CANCELLED`: the caller's `signal` ended it
 */
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

/**
 * The only class of errors that this library throws on purpose. `message` names the file, flag or key at fault and what
 * to do about it.
 */
export class ArtError extends Error {
  /** Always 'ArtError'. */
  override readonly name = 'ArtError';

  constructor(
    /** What went wrong, for programs. */
    readonly code: ArtErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** True if the caller's options or words are wrong, and not a file: a command then ends with exit status 2. */
  get isUsage(): boolean {
    return USAGE_CODES.has(this.code);
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Why `fetch` failed: its own message says only that it failed, and the reason is in the error's cause. */
export function fetchFailure(error: unknown): string {
  const { cause } = (error ?? {}) as { cause?: unknown };
  return messageOf(cause instanceof Error && cause.message ? cause : error);
}

export const TOO_FEW_FILES =
  'this process may open too few files at once: allow it 64 or more (ulimit -n 64), or fewer units at once (--jobs 1)';

/** Whether something was thrown because the process has reached its limit of open files. */
export function isTooFewFiles(thrown: unknown): boolean {
  const { code, cause } = (thrown ?? {}) as { code?: unknown; cause?: unknown };
  return code === 'EMFILE' || code === 'ENFILE' || (cause !== undefined && isTooFewFiles(cause));
}
