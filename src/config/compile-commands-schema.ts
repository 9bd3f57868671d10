// compile_commands.json, as clang's JSON Compilation Database Format has it. Imported only where one is read.
import * as z from 'zod';

const text = z.string().min(1, 'must be a non-empty string');

/** Further keys, such as `output`, are passed over. */
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
