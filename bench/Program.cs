using BenchmarkDotNet.Running;
using Sluice.Bench;

if (args is ["recovery"])
{
    await RecoveryBench.RunAsync();
}
else
{
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
}
