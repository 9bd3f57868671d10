// What GYP makes of a build file: targets with all variables, conditions and includes worked out (docs: gyp.gsrc.io).

/** Settings of one configuration, such as Release. Paths start at the build file's folder. */
export interface GypConfiguration {
  defines?: string[];
  include_dirs?: string[];
  cflags?: string[];
  cflags_c?: string[];
  cflags_cc?: string[];
  asmflags?: string[];
  ldflags?: string[];
  library_dirs?: string[];
  msvs_settings?: { VCCLCompilerTool?: Record<string, unknown>; VCLinkerTool?: Record<string, unknown> };
}

export interface GypAction {
  action_name: string;
  inputs: string[];
  outputs: string[];
  action: string[];
  process_outputs_as_sources?: number | string;
}

export interface GypRule {
  rule_name: string;
  rule_sources?: string[];
  inputs?: string[];
  outputs: string[];
  action: string[];
  process_outputs_as_sources?: number | string;
}

export interface GypTarget {
  target_name: string;
  type: 'executable' | 'loadable_module' | 'shared_library' | 'static_library' | 'none';
  toolset: string;
  configurations: Record<string, GypConfiguration>;
  sources?: string[];
  libraries?: string[];
  /** Names in full: file, name and toolset. */
  dependencies?: string[];
  actions?: GypAction[];
  rules?: GypRule[];
  copies?: { destination: string; files: string[] }[];
  product_name?: string;
  product_prefix?: string;
  product_extension?: string;
  product_dir?: string;
}

/** All targets that are built, by their names in full: `folder/binding.gyp:name#toolset`. */
export interface Evaluated {
  order: string[];
  targets: Record<string, GypTarget>;
}

/** The folder of the build file that a name in full begins with, relative to the package. */
export function folderOfName(name: string): string {
  const file = name.slice(0, name.lastIndexOf(':'));
  return file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '';
}
