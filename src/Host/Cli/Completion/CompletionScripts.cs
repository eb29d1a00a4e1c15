using System.Collections.Immutable;

namespace Sluice.Host.Cli.Completion;

/// <summary>
/// The completion script of each shell. The scripts call the program with the parser directive <c>[suggest:POSITION]</c>, so they stay
/// valid when commands change; without a suggestion, file names are completed.
/// </summary>
internal static class CompletionScripts
{
    private const string Bash = """
        # Completion of sluice for bash. To keep it, add to ~/.bashrc: source <(sluice completion bash)
        _sluice() {
            local suggestion
            COMPREPLY=()
            while IFS= read -r suggestion; do
                [[ $suggestion == "$2"* && -n $suggestion ]] && COMPREPLY+=("$suggestion")
            done < <("$1" "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)
        }
        complete -o default -F _sluice sluice

        """;

    private const string Zsh = """
        #compdef sluice
        # Completion of sluice for zsh. To keep it, add to ~/.zshrc after compinit: source <(sluice completion zsh)
        _sluice() {
            local line="${(j: :)words[1,CURRENT]}"
            local -a suggestions
            suggestions=(${(f)"$("${words[1]}" "[suggest:${#line}]" "${line}" 2>/dev/null)"})
            compadd -a suggestions || _files
        }
        if [[ ${funcstack[1]} == _sluice ]]; then
            _sluice "$@"
        else
            compdef _sluice sluice
        fi

        """;

    private const string Fish = """
        # Completion of sluice for fish. To keep it: sluice completion fish > ~/.config/fish/completions/sluice.fish
        function __sluice_suggest
            set -l line (commandline --current-process --cut-at-cursor)
            sluice "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete --command sluice --arguments '(__sluice_suggest)'

        """;

    private const string PowerShell = """
        # Completion of sluice for PowerShell. To keep it, add to $PROFILE: sluice completion powershell | Out-String | Invoke-Expression
        Register-ArgumentCompleter -Native -CommandName sluice -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            sluice "[suggest:$cursorPosition]" "$commandAst" 2>$null |
                Where-Object { $_ -like "$wordToComplete*" } |
                ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
        }

        """;

    /// <summary>The supported shells.</summary>
    public static ImmutableArray<string> Shells { get; } = ["bash", "zsh", "fish", "powershell"];

    /// <summary>Gets the script for one of <see cref="Shells"/>.</summary>
    public static string Of(string shell) => (shell switch
    {
        "bash" => Bash,
        "zsh" => Zsh,
        "fish" => Fish,
        "powershell" => PowerShell,
        _ => throw new ArgumentOutOfRangeException(nameof(shell), shell, "There is no such shell."),
    }).ReplaceLineEndings("\n");
}
