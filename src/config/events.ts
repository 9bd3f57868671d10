/** What happens during a build, in the order it happens. Units are named as the user wrote them. */
export type BuildEvent =
  /** What the build does otherwise than it was told, and why. */
  | { type: 'warning'; message: string }
  /** Every translation unit is compiled once for each target. */
  | {
      type: 'planned';
      package: string;
      units: number;
      targets: string[];
      /** Of a part of a build: which, and how many of the compilations are its own. */
      shard?: { index: number; count: number; compilations: number };
    }
  /** A part of an artifact was read and checked, the `done`th of `total`. */
  | { type: 'part'; part: number; done: number; total: number }
  /** How the profile fits, when all units are compiled; `share` is that of counts, 0 to 1. */
  | { type: 'profile'; matched: number; functions: number; share: number }
  | { type: 'started'; unit: string; target: string }
  /** `done` counts finished compilations, of `total`; `cached`: its result was in the cache. */
  | { type: 'finished'; unit: string; target: string; failed: boolean; done: number; total: number; cached?: true }
  /** clang's messages about a unit, unchanged but for the user's own spelling of paths. */
  | { type: 'diagnostics'; unit: string; target: string; text: string };
