// Runs a private Slurm on this machine: a controller and workers with private folders, ports and keys, without systemd.
// It needs root, as slurmd does.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { available } from './native.js';
import { until } from './resident.js';

/** Whether this machine can run it; prints what is missing. */
export function canRunSlurm(): boolean {
  if (!available('slurmctld', 'slurmd', 'sbatch', 'munged')) return false;
  if (process.getuid?.() === 0) return true;
  console.log('skipped, not root: slurmd starts jobs of other users');
  return false;
}

export interface Slurm {
  /** The environment that commands such as sbatch need. */
  env: Record<string, string>;
  /** Runs one of them, and gives what it prints. */
  run(command: string, args: readonly string[], cwd: string): string;
  /**
   * Ends a worker and everything that it runs at once, as if its machine had lost power. @returns how many processes it
   * had
   */
  killWorker(name: string): number;
  startWorker(name: string): void;
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  return servers.map((server) => {
    const { port } = server.address() as { port: number };
    server.close();
    return port;
  });
}

/** Starts it; it ends with the tests of this file. @param workers their names; each has one processor */
export async function startSlurm(folder: string, workers: readonly string[]): Promise<Slurm> {
  const at = (name: string) => join(folder, name);
  for (const name of ['state', 'munge', ...workers.map((worker) => `spool-${worker}`)])
    mkdirSync(at(name), { mode: 0o755 });
  writeFileSync(at('munge.key'), randomBytes(128), { mode: 0o400 });
  const [controller, ...ports] = await freePorts(1 + workers.length);
  const host = readFileSync('/etc/hostname', 'utf8').trim();
  const nodes = workers.map(
    (name, i) => `NodeName=${name} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${ports[i]} CPUs=1 RealMemory=1024`,
  );
  const lines = [
    'ClusterName=art',
    `SlurmctldHost=${host}(127.0.0.1)`,
    `SlurmctldPort=${controller}`,
    'SlurmUser=root',
    'SlurmdUser=root',
    'AuthType=auth/munge',
    'CredType=cred/munge',
    `AuthInfo=socket=${at('munge.sock')}`,
    `StateSaveLocation=${at('state')}`,
    `SlurmdSpoolDir=${at('spool-%n')}`,
    `SlurmctldPidFile=${at('slurmctld.pid')}`,
    `SlurmdPidFile=${at('slurmd-%n.pid')}`,
    `SlurmctldLogFile=${at('slurmctld.log')}`,
    `SlurmdLogFile=${at('slurmd-%n.log')}`,
    'ProctrackType=proctrack/linuxproc',
    'TaskPlugin=task/none',
    'SwitchType=switch/none',
    'MpiDefault=none',
    'JobAcctGatherType=jobacct_gather/none',
    'AccountingStorageType=accounting_storage/none',
    'SelectType=select/cons_tres',
    'SelectTypeParameters=CR_CPU',
    'ReturnToService=2',
    // A worker that does not answer for so many seconds is given up.
    'SlurmdTimeout=6',
    'KillWait=1',
    'SchedulerParameters=sched_interval=2,batch_sched_delay=1',
    ...nodes,
    `PartitionName=all Nodes=${workers.join(',')} Default=YES MaxTime=INFINITE State=UP`,
  ];
  writeFileSync(at('slurm.conf'), `${lines.join('\n')}\n`);
  const env = { SLURM_CONF: at('slurm.conf'), ART_TEST_CLUSTER: folder };
  const children: ChildProcess[] = [];
  const start = (command: string, args: string[], more: Record<string, string> = {}) => {
    const child = spawn(command, args, { env: { ...process.env, ...env, ...more }, stdio: 'ignore' });
    children.push(child);
    return child;
  };
  const isOf = (pid: number, worker?: string) => {
    let variables: string[];
    try {
      variables = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
    } catch {
      return false; // it ended meanwhile
    }
    if (!variables.includes(`ART_TEST_CLUSTER=${folder}`)) return false;
    return (
      worker === undefined ||
      variables.some((v) => [`ART_TEST_NODE=${worker}`, `SLURMD_NODENAME=${worker}`].includes(v))
    );
  };
  const kill = (worker?: string) => {
    const pids = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
    const own = pids.filter((pid) => pid !== process.pid && isOf(pid, worker));
    for (const pid of own) process.kill(pid, 'SIGKILL');
    return own.length;
  };
  afterAll(() => void kill());

  start('munged', [
    '--foreground',
    '--force',
    `--socket=${at('munge.sock')}`,
    `--key-file=${at('munge.key')}`,
    `--pid-file=${at('munge/pid')}`,
    `--log-file=${at('munge/log')}`,
    `--seed-file=${at('munge/seed')}`,
  ]);
  const munge = () => spawnSync('munge', ['-n', `--socket=${at('munge.sock')}`]).status === 0;
  await until(munge, 30);
  start('slurmctld', ['-D', '-i', '-f', env.SLURM_CONF]);
  const startWorker = (name: string) => {
    start('slurmd', ['-D', '-N', name, '-f', env.SLURM_CONF], { ART_TEST_NODE: name });
  };
  for (const name of workers) startWorker(name);
  const run = (command: string, args: readonly string[], cwd: string) => {
    const result = spawnSync(command, args, { cwd, env: { ...process.env, ...env }, encoding: 'utf8' });
    if (result.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${result.stderr}${result.stdout}`);
    return result.stdout;
  };
  const idle = () => {
    const { stdout } = spawnSync('sinfo', ['-h', '-N', '-o', '%T'], {
      env: { ...process.env, ...env },
      encoding: 'utf8',
    });
    return (
      stdout
        .trim()
        .split('\n')
        .filter((state) => state === 'idle').length === workers.length
    );
  };
  await until(idle, 90);
  return { env, run, killWorker: (name) => kill(name), startWorker };
}
