// The result of GYP: the targets of a build file, with all variables, conditions and includes evaluated (docs:
// gyp.gsrc.io).

/** Settings of one configuration, such as Release. Paths are relative to the build file's folder. */
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
  /** Full names: file, name and toolset. */
  dependencies?: string[];
  actions?: GypAction[];
  rules?: GypRule[];
  copies?: { destination: string; files: string[] }[];
  product_name?: string;
  product_prefix?: string;
  product_extension?: string;
  product_dir?: string;
}

/** All targets to build, by their full names: `folder/binding.gyp:name#toolset`. */
export interface Evaluated {
  order: string[];
  targets: Record<string, GypTarget>;
}

/** The folder of the build file in a full name, relative to the package. */
export function folderOfName(name: string): string {
  const file = name.slice(0, name.lastIndexOf(':'));
  return file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '';
}
