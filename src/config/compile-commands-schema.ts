// The schema of compile_commands.json (clang's JSON Compilation Database Format). It is imported only when one is read,
// since zod takes a while to load.
import * as z from 'zod';

const text = z.string().min(1, 'must be a non-empty string');

/** Other keys, such as `output`, are ignored. */
export const compileCommandsSchema = z.array(
  z
    .object({
      directory: text,
      file: text,
      command: z.string().optional(),
      arguments: z.array(z.string()).optional(),
    })
    .refine((entry) => entry.command !== undefined || entry.arguments !== undefined, {
      message: "has neither 'command' nor 'arguments'",
    }),
);
