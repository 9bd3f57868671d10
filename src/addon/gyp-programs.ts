// The Python programs that art adds to GYP: two start it in pyodide, and one receives the evaluated targets.

/**
 * Loads GYP. The variable `pylib` is set before. Python's memory may be stored after this program and used again for
 * other packages, so nothing here depends on the package or on the environment, or refers to an object of JavaScript.
 */
export const GYP_PREPARATION = `
import io, os, subprocess, sys

class Popen:
    """subprocess.Popen, as far as GYP uses it: WebAssembly has no processes, so the host runs the command."""
    def __init__(self, args, bufsize=-1, executable=None, stdin=None, stdout=None, stderr=None, shell=False, cwd=None, **ignored):
        import art
        self.args = args
        command = args if isinstance(args, str) else [os.fspath(a) for a in args]
        status, out, err = art.run(command, bool(shell), os.fspath(cwd) if cwd else os.getcwd())
        out, err = out.to_bytes(), err.to_bytes()
        if status == 127 and not shell:
            raise FileNotFoundError(2, 'No such file or directory', command if isinstance(command, str) else command[0])
        self.returncode = status
        self.pid = 0
        if stderr == subprocess.STDOUT:
            out, err = out + err, b''
        self._out = out if stdout == subprocess.PIPE else None
        self._err = err if stderr == subprocess.PIPE else None
        for stream, text in ((stdout, out), (stderr, err)):
            if stream is None and text:
                sys.stderr.write(text.decode('utf-8', 'replace'))
        self.stdin = io.BytesIO() if stdin == subprocess.PIPE else None
        self.stdout = io.BytesIO(self._out) if self._out is not None else None
        self.stderr = io.BytesIO(self._err) if self._err is not None else None
    def communicate(self, input=None, timeout=None):
        return self._out, self._err
    def wait(self, timeout=None):
        return self.returncode
    poll = wait
    def kill(self):
        pass
    def __enter__(self):
        return self
    def __exit__(self, *ignored):
        pass

subprocess.Popen = Popen
sys.path.insert(0, pylib)
import gyp
`;

/**
 * Runs GYP, after `GYP_PREPARATION`. Set before: `argv`; `env`, the environment; and the module `art`, whose function
 * `run(command, shell, directory)` runs a command on the host and returns its status, output and error output.
 */
export const GYP_DRIVER = `
# Pyodide puts the working directory first, also when it starts from memory.
sys.path[:] = dict.fromkeys([pylib, *sys.path])
os.environ.update(env)

def main():
    try:
        return gyp.main(list(argv))
    except SystemExit as e:
        return e.code if isinstance(e.code, int) else 1
    except SyntaxError as e:
        place = f'{e.filename}:{e.lineno}' + (f':{e.offset}' if e.offset else '')
        print(f'{place}: {e.msg}' + (f'\\n{e.text.rstrip()}' if e.text else ''), file=sys.stderr)
        return 1
    except BaseException as e:
        text = e.args[0] if isinstance(e, KeyError) and e.args else e
        print(f'{type(e).__name__}: {text}', file=sys.stderr)
        return 1

main() or 0
`;

/** A generator for GYP that writes the evaluated targets as JSON. Its variables are those of GYP's make generator. */
export const GYP_GENERATOR = `
import json
import gyp.common

generator_default_variables = {
    'EXECUTABLE_PREFIX': '',
    'STATIC_LIB_PREFIX': 'lib',
    'SHARED_LIB_PREFIX': 'lib',
    'STATIC_LIB_SUFFIX': '.a',
    'INTERMEDIATE_DIR': '$(obj).$(TOOLSET)/$(TARGET)/geni',
    'SHARED_INTERMEDIATE_DIR': '$(obj)/gen',
    'PRODUCT_DIR': '$(builddir)',
    'RULE_INPUT_ROOT': '%(INPUT_ROOT)s',
    'RULE_INPUT_DIRNAME': '%(INPUT_DIRNAME)s',
    'RULE_INPUT_PATH': '$(abspath $<)',
    'RULE_INPUT_EXT': '$(suffix $<)',
    'RULE_INPUT_NAME': '$(notdir $<)',
    'CONFIGURATION_NAME': '$(BUILDTYPE)',
    'SHARED_LIB_DIR': '$(builddir)/lib.$(TOOLSET)',
    'LIB_DIR': '$(obj).$(TOOLSET)',
}

def CalculateVariables(default_variables, params):
    flavor = gyp.common.GetFlavor(params)
    default_variables.setdefault('OS', flavor)
    default_variables.setdefault('EXECUTABLE_SUFFIX', '.exe' if flavor == 'win' else '')
    default_variables.setdefault('SHARED_LIB_SUFFIX', '.dll' if flavor == 'win' else '.so')

def GenerateOutput(target_list, target_dicts, data, params):
    with open('/art/evaluated.json', 'w') as f:
        json.dump({'order': target_list, 'targets': target_dicts}, f)
`;
