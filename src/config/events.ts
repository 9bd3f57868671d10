/**
 * An event of a build. Events come in the order in which things happen. `unit` is the unit's path as the user wrote it,
 * `target` a triple.
 */
export type BuildEvent =
  /** The build departs from its options; `message` says how and why. */
  | { type: 'warning'; message: string }
  /** The build begins. `units` counts translation units; each is compiled once for each of `targets`. */
  | {
      type: 'planned';
      package: string;
      units: number;
      targets: string[];
      /**
       * Only when one part is built (`shard`): its number, the number of parts, and how many compilations this part
       * has.
       */
      shard?: { index: number; count: number; compilations: number };
    }
  /** `merge` has read and checked part number `part`; `done` of `total` parts are finished. */
  | { type: 'part'; part: number; done: number; total: number }
  /**
   * How well the profile fits the sources, sent when all units are compiled: `matched` of `functions` functions, and
   * the share, from 0 to 1, of the profile's counts that belong to matched functions.
   */
  | { type: 'profile'; matched: number; functions: number; share: number }
  /** The compilation of a unit for a target begins. */
  | { type: 'started'; unit: string; target: string }
  /** A compilation has ended: `done` of `total` are finished. `cached` is true if its result came from the cache. */
  | { type: 'finished'; unit: string; target: string; failed: boolean; done: number; total: number; cached?: true }
  /** What clang printed about a unit. Only paths are changed, to the form in which the user wrote them. */
  | { type: 'diagnostics'; unit: string; target: string; text: string };
