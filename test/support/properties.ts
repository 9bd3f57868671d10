/** How often a property is tried: ART_PROPERTY_RUNS, or what suits a normal run of the tests. */
export function propertyRuns(normally: number): number {
  const { ART_PROPERTY_RUNS } = process.env;
  return ART_PROPERTY_RUNS ? Number(ART_PROPERTY_RUNS) : normally;
}
