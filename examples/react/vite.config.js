export default {
  // Makes the page work at any path of a host.
  base: './',
  // The package has its own bundle, which expects its worker beside it.
  optimizeDeps: { exclude: ['art-aot'] },
};
