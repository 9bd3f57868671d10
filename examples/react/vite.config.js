export default {
  // Works below any path of a host.
  base: './',
  // The package brings its own bundle, whose worker lies beside it.
  optimizeDeps: { exclude: ['art-aot'] },
};
