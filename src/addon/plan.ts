// Makes a plan from evaluated targets: commands of the compiler, the archiver and the linker, actions and copies, as
// GYP's make generator (gyp/generator/make.py) does.
import { basename, dirname, extname, join, normalize } from 'pathe';
import { ArtError } from '../errors.js';
import type { Target } from '../targets/targets.js';
import { type Evaluated, folderOfName, type GypAction, type GypConfiguration, type GypTarget } from './evaluated.js';
import { expand, flagWords, type Variables } from './expand.js';
import type { NodePlatform } from './platforms.js';

/** One translation unit. Paths are relative to the build directory. */
export interface Unit {
  source: string;
  object: string;
  program: 'clang' | 'clang++';
  args: string[];
}

/** A command that the build file itself defines. */
export interface Action {
  name: string;
  words: string[];
  /** The folder to run it in, absolute, as are the outputs. */
  directory: string;
  outputs: string[];
}

/** The work for one target, in this order. */
export interface TargetPlan {
  /** The full name, such as `binding.gyp:name#target`. */
  id: string;
  name: string;
  type: GypTarget['type'];
  /** The ids of the targets that are built before this one. */
  dependencies: string[];
  actions: Action[];
  copies: { from: string; to: string }[];
  units: Unit[];
  /** Makes `output`; undefined for a target without files of its own. */
  final: { program: 'ar' | 'clang++'; args: string[]; output: string } | undefined;
  /** Where the output is copied to, if anywhere. */
  installed: string | undefined;
  /** The definitions and flags that tell which functions of Node it uses. */
  defines: readonly string[];
}

export interface BuildPlan {
  targets: TargetPlan[];
  /** The folder to run commands in, absolute. */
  directory: string;
}

/** The settings for making a plan. */
export interface PlanSettings {
  /** The package's folder, and the build folder in it, both absolute. */
  directory: string;
  buildDirectory: string;
  configuration: 'Release' | 'Debug';
  platform: NodePlatform;
  target: Target;
  /** Flags to put before and after those of the build file. */
  compiling: { before: readonly string[]; after: readonly string[] };
  linking: readonly string[];
}

const LANGUAGES: Readonly<Record<string, 'clang' | 'clang++'>> = {
  '.c': 'clang',
  '.s': 'clang',
  '.S': 'clang',
  '.cc': 'clang++',
  '.cpp': 'clang++',
  '.cxx': 'clang++',
};

/** @throws ArtError CONFIG_INVALID */
export function planTargets(evaluated: Evaluated, settings: PlanSettings): BuildPlan {
  const plans = new Map<string, TargetPlan>();
  const outputs = new Map<string, string>();
  const visit = (id: string) => {
    const target = evaluated.targets[id];
    if (plans.has(id) || !target) return;
    for (const dependency of target.dependencies ?? []) visit(dependency);
    const plan = new TargetPlanner(id, target, settings, outputs).plan();
    plans.set(id, plan);
  };
  for (const id of evaluated.order) visit(id);
  return { targets: [...plans.values()], directory: settings.buildDirectory };
}

class TargetPlanner {
  /** The folder of the build file: relative to the package, or absolute if it is not in the package. */
  readonly #folder: string;
  readonly #configuration: GypConfiguration;
  /** The variables for commands that run in the build directory, and for those that run in any directory. */
  readonly #variables: Variables;
  readonly #absolute: Variables;
  readonly #extraSources: string[] = [];

  constructor(
    readonly id: string,
    readonly target: GypTarget,
    readonly settings: PlanSettings,
    /** The outputs of targets that other targets link with, by their ids. */
    readonly outputs: Map<string, string>,
  ) {
    const folder = folderOfName(id);
    const isIn = `${folder}/`.startsWith(`${settings.directory}/`);
    this.#folder = isIn ? folder.slice(settings.directory.length + 1) : folder;
    const found = target.configurations[settings.configuration] ?? Object.values(target.configurations)[0];
    this.#configuration = found ?? {};
    const { directory, buildDirectory, configuration } = settings;
    const common = { TOOLSET: target.toolset, TARGET: target.target_name, BUILDTYPE: configuration };
    const abs = { abs_srcdir: directory, abs_builddir: join(buildDirectory, configuration) };
    this.#variables = {
      ...common,
      ...abs,
      abs_obj: `${abs.abs_builddir}/obj`,
      srcdir: this.#fromBuild(directory),
      builddir: configuration,
      obj: `${configuration}/obj`,
    };
    this.#absolute = {
      ...this.#variables,
      srcdir: directory,
      builddir: abs.abs_builddir,
      obj: `${abs.abs_builddir}/obj`,
    };
  }

  plan(): TargetPlan {
    const { target, id } = this;
    const actions = [
      ...(target.actions ?? []).map((action) => this.#action(action, this.#absolute)),
      ...(target.rules ?? []).flatMap((rule) =>
        (rule.rule_sources ?? []).map((source) => {
          const base = basename(source);
          const inputs: Record<string, string> = {
            '%(INPUT_ROOT)s': base.slice(0, base.length - extname(base).length),
            '%(INPUT_DIRNAME)s': dirname(source) === '.' ? '' : dirname(source),
          };
          const fill = (text: string) => text.replace(/%\(INPUT_(ROOT|DIRNAME)\)s/g, (name) => inputs[name] as string);
          const filled = { ...rule, action_name: rule.rule_name, inputs: rule.inputs ?? [] };
          return this.#action(
            { ...filled, outputs: rule.outputs.map(fill), action: rule.action.map(fill) },
            { ...this.#absolute, '<': this.#place(source, this.#absolute) },
          );
        }),
      ),
    ];
    const units = this.#units();
    const final = this.#final(units);
    const isForOthers = target.type === 'static_library' || target.type === 'shared_library';
    if (final && isForOthers) this.outputs.set(id, final.output);
    const installed = final && this.#installed(final.output);
    return {
      id,
      name: target.target_name,
      type: target.type,
      dependencies: target.dependencies ?? [],
      actions,
      copies: (target.copies ?? []).flatMap(({ destination, files }) =>
        files.map((file) => ({
          from: this.#place(file, this.#absolute),
          to: join(this.#place(destination, this.#absolute), basename(file)),
        })),
      ),
      units,
      final,
      installed: installed === final?.output ? undefined : installed,
      defines: this.#configuration.defines ?? [],
    };
  }

  /** The path to the package's folder from the directory in which commands run. */
  #fromBuild(directory: string): string {
    const { buildDirectory } = this.settings;
    const below = buildDirectory.startsWith(`${directory}/`) ? buildDirectory.slice(directory.length + 1) : undefined;
    return below === undefined
      ? directory
      : below
          .split('/')
          .map(() => '..')
          .join('/');
  }

  /** Converts a path in the build file to one for the directory in which commands run. */
  #place(path: string, variables: Variables): string {
    const bare = path.replace(/^"(.*)"$/, '$1');
    const expanded = expand(bare, variables);
    const isPlaced = bare.startsWith('$') || expanded.startsWith('/');
    const folder = this.#folder.startsWith('/') ? this.#folder : join(variables.srcdir as string, this.#folder);
    return normalize(isPlaced ? expanded : join(folder, expanded));
  }

  #action(action: GypAction, variables: Variables): Action {
    const outputs = action.outputs.map((output) => this.#place(output, variables));
    // Not expanded, since a path that begins with a variable is not relative to the build file's folder.
    if (Number(action.process_outputs_as_sources ?? 0)) this.#extraSources.push(...action.outputs);
    return {
      name: action.action_name,
      words: action.action.map((word) => expand(word, variables)),
      directory: this.#folder.startsWith('/') ? this.#folder : join(this.settings.directory, this.#folder),
      outputs,
    };
  }

  #units(): Unit[] {
    const { settings, target } = this;
    const configuration = this.#configuration;
    const flags = (program: Unit['program']) => [
      ...settings.compiling.before,
      ...(configuration.defines ?? []).map((define) => `-D${define}`),
      ...(configuration.include_dirs ?? []).map((path) => `-I${this.#place(path, this.#variables)}`),
      ...flagWords(configuration.cflags, this.#variables),
      ...flagWords(program === 'clang' ? configuration.cflags_c : configuration.cflags_cc, this.#variables),
      ...(settings.platform.gypOs === 'win' ? visualFlags(configuration, program) : []),
      ...settings.compiling.after,
    ];
    const taken = new Set<string>();
    return [...(target.sources ?? []), ...this.#extraSources].flatMap((path) => {
      const program = LANGUAGES[extname(path)];
      if (program === undefined) return [];
      const source = this.#place(path, this.#variables);
      const object = this.#objectFor(source, taken);
      return { source, object, program, args: ['-o', object, source, ...flags(program), '-c'] };
    });
  }

  /**
   * The path of an object, as GYP's make generator chooses it: in the target's folder, at the same path as the source.
   */
  #objectFor(source: string, taken: Set<string>): string {
    const { configuration } = this.settings;
    const folder = `${configuration}/obj.${this.target.toolset}/${this.target.target_name}`;
    const below = source.replace(`${configuration}/obj/`, '').replace(/^\//, '').replaceAll('../', '');
    const bare = `${folder}/${below.slice(0, below.length - extname(below).length)}.o`;
    const object = taken.has(bare) ? `${folder}/${below}.o` : bare;
    taken.add(object);
    return object;
  }

  #final(units: readonly Unit[]): TargetPlan['final'] {
    const { target, settings } = this;
    if (target.type === 'none') return undefined;
    const objects = units.map(({ object }) => object);
    const linkable = (target.sources ?? [])
      .filter((path) => extname(path) === '.o')
      .map((path) => this.#place(path, this.#variables));
    const output = this.#output();
    // D: no times and owners; L: adds an archive's members and not the archive itself.
    if (target.type === 'static_library')
      return { program: 'ar', output, args: ['qcsDL', output, ...objects, ...linkable] };
    const dependencies = target.dependencies ?? [];
    const linked = dependencies.flatMap((id) => this.outputs.get(id) ?? []);
    const isWindows = settings.platform.gypOs === 'win';
    const inputs = [...objects, ...linkable, ...linked];
    const libraries = [...new Set(target.libraries ?? [])].flatMap((library) =>
      isWindows ? windowsLibrary(expand(library, this.#variables)) : flagWords([library], this.#variables),
    );
    const shared = linked.some((path) => /\.so(\.|$)/.test(path))
      ? [`-Wl,-rpath=$ORIGIN/`, `-Wl,-rpath=$ORIGIN/lib.target/`]
      : [];
    const flags = [
      ...flagWords(this.#configuration.ldflags, this.#variables),
      ...shared,
      ...(this.#configuration.library_dirs ?? []).map((path) => `-L${this.#place(path, this.#variables)}`),
      ...settings.linking,
    ];
    const kind =
      target.type === 'executable' ? [] : ['-shared', ...(isWindows ? [] : [`-Wl,-soname=${basename(output)}`])];
    const group =
      target.type === 'shared_library' && !isWindows
        ? ['-Wl,--whole-archive', ...inputs, '-Wl,--no-whole-archive', ...libraries]
        : ['-Wl,--start-group', ...inputs, ...libraries, '-Wl,--end-group'];
    return { program: 'clang++', output, args: ['-o', output, ...kind, ...flags, ...group] };
  }

  #output(): string {
    const { target, settings } = this;
    const isWindows = settings.platform.gypOs === 'win';
    const isLibrary = target.type !== 'executable';
    const usual = {
      executable: isWindows ? '.exe' : '',
      loadable_module: '.node',
      shared_library: isWindows ? '.dll' : '.so',
      static_library: '.a',
      none: '',
    }[target.type];
    const name = target.product_name ?? (isLibrary ? target.target_name.replace(/^lib/, '') : target.target_name);
    const prefix = target.product_prefix ?? (isLibrary ? 'lib' : '');
    const file = `${prefix}${name}${target.product_extension ? `.${target.product_extension}` : usual}`;
    if (file.includes('/'))
      throw new ArtError(
        'CONFIG_INVALID',
        `'${file}', made of target '${target.target_name}', is a path: product_name is a name`,
      );
    const { configuration } = settings;
    if (target.product_dir !== undefined) return join(this.#place(target.product_dir, this.#variables), file);
    if (target.type === 'static_library')
      return join(`${configuration}/obj.${target.toolset}`, this.#folder.replaceAll('../', ''), file);
    return target.type === 'shared_library'
      ? join(`${configuration}/lib.${target.toolset}`, file)
      : join(configuration, file);
  }

  #installed(output: string): string {
    const { target, settings } = this;
    return target.type === 'static_library' ? output : join(settings.configuration, basename(output));
  }
}

/**
 * Converts those settings for Visual C++ that change the meaning of code to flags of clang. Where they apply, a build
 * file seldom has flags for gcc, so nothing else sets these.
 */
function visualFlags({ msvs_settings }: GypConfiguration, program: Unit['program']): string[] {
  const { VCCLCompilerTool: settings = {} } = msvs_settings ?? {};
  const options = ([settings.AdditionalOptions ?? []].flat() as string[]).map((option) => option.trim());
  const standard = options.findLast((option) => /^[-/]std:/.test(option))?.slice(5);
  const optimised = !['0', 0].includes(settings.Optimization as string | number);
  const cxx = [
    `-std=${standard?.replace(/^c\+\+/, 'gnu++').replace('latest', '23') ?? 'gnu++17'}`,
    ...(Number(settings.ExceptionHandling ?? 0) ? [] : ['-fno-exceptions']),
    ...(String(settings.RuntimeTypeInfo ?? 'true') === 'false' ? ['-fno-rtti'] : []),
  ];
  return [optimised ? '-O3' : '-O0', ...(program === 'clang++' ? cxx : [])];
}

/** Converts the name of a library for Visual C++ to the words that clang's driver takes. */
function windowsLibrary(library: string): string[] {
  const name = library.replaceAll('"', '').replace(/^-l/, '');
  if (/^(node|iojs|delayimp)(\.lib)?$/i.test(name)) return [];
  if (/^[^/\\]+\.lib$/i.test(name)) return [`-l${name.slice(0, -4).toLowerCase()}`];
  return [library.startsWith('-l') ? `-l${name}` : name];
}
