namespace Sluice.Engine.Expressions;

/// <summary>
/// Finds where an expression ends, aware of strings, template literals, regular expressions and brackets, and masks hyphens in names.
/// </summary>
/// <remarks>
/// JavaScript names have no hyphens. After a dot (<c>headers.x-signature</c>) each hyphen inside a name is replaced by <see
/// cref="HyphenMask"/>, a letter of the same length, so that all offsets stay the same.
/// </remarks>
internal sealed class ExpressionScanner
{
    /// <summary>U+01C0, which is a letter in JavaScript and otherwise unused.</summary>
    public const char HyphenMask = 'ǀ';

    private readonly string _text;
    private readonly char[] _masked;
    private readonly Stack<char> _open = new();
    private int _at;

    /// <summary>The last character outside of spaces and comments; distinguishes a division from a regular expression.</summary>
    private char _previous;

    private ExpressionScanner(string text, int start)
    {
        _text = text;
        _at = start;
        _masked = text.ToCharArray();
    }

    /// <summary>Scans the expression that begins at an offset, right after its <c>{{</c>.</summary>
    /// <returns>The offset of its <c>}}</c>, or -1 if it is never closed; and the masked text.</returns>
    public static (int End, string Masked) Scan(string text, int start)
    {
        var scanner = new ExpressionScanner(text, start);
        var end = scanner.FindEnd();
        return (end, end < 0 ? "" : new string(scanner._masked, start, end - start));
    }

    private char Next => _at + 1 < _text.Length ? _text[_at + 1] : '\0';

    private int FindEnd()
    {
        while (_at < _text.Length)
        {
            var c = _text[_at];
            if (c == '}' && _open.Count == 0)
            {
                if (Next == '}')
                {
                    return _at;
                }

                _at++;
            }
            else
            {
                Step(c);
            }

            if (!char.IsWhiteSpace(c))
            {
                _previous = _at > 0 ? _text[_at - 1] : c;
            }
        }

        return -1;
    }

    private void Step(char c)
    {
        switch (c)
        {
            case '\'' or '"':
                SkipQuoted(c);
                break;
            case '`':
                _at++;
                SkipTemplate();
                break;
            case '(' or '[' or '{':
                _open.Push(c);
                _at++;
                break;
            case ')' or ']' or '}':
                Close();
                break;
            case '/' when Next is '/' or '*':
                SkipComment();
                break;
            case '/' when BeginsRegex():
                SkipRegex();
                break;
            case '.':
                Dot();
                break;
            default:
                Word(c);
                break;
        }
    }

    private void Close()
    {
        _at++;

        // The end of `${ … }` returns to its template literal.
        if (_open.TryPop(out var opener) && opener == '$')
        {
            SkipTemplate();
        }
    }

    private void SkipQuoted(char quote)
    {
        for (_at++; _at < _text.Length && _text[_at] != quote && _text[_at] != '\n'; _at++)
        {
            if (_text[_at] == '\\')
            {
                _at++;
            }
        }

        _at = Math.Min(_at + 1, _text.Length);
    }

    private void SkipTemplate()
    {
        for (; _at < _text.Length; _at++)
        {
            if (_text[_at] == '`')
            {
                _at++;
                return;
            }

            if (_text[_at] == '\\')
            {
                _at++;
            }
            else if (_text[_at] == '$' && Next == '{')
            {
                _open.Push('$');
                _at += 2;
                return;
            }
        }
    }

    /// <summary>Skips a comment, which is rejected later; here it must not be mistaken for a regular expression.</summary>
    private void SkipComment()
    {
        var end = Next == '*' ? _text.IndexOf("*/", _at + 2, StringComparison.Ordinal) : -1;
        _at = end < 0 ? _at + 2 : end + 2;
    }

    private bool BeginsRegex() => _previous is '\0' or '(' or '[' or '{' or ',' or '=' or ':' or '!' or '&' or '|' or '?' or '+' or '-' or '*' or '%' or '<' or '>' or '~';

    private void SkipRegex()
    {
        var inClass = false;
        for (_at++; _at < _text.Length && _text[_at] != '\n' && (inClass || _text[_at] != '/'); _at++)
        {
            switch (_text[_at])
            {
                case '\\':
                    _at++;
                    break;
                case '[':
                    inClass = true;
                    break;
                case ']':
                    inClass = false;
                    break;
            }
        }

        _at = Math.Min(_at + 1, _text.Length);
    }

    /// <summary>Reads the dot of a spread, or one before a name that may contain hyphens.</summary>
    private void Dot()
    {
        if (Next == '.')
        {
            while (_at < _text.Length && _text[_at] == '.')
            {
                _at++;
            }

            return;
        }

        do
        {
            _at++;
        }
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]));

        if (_at < _text.Length && IsNameStart(_text[_at]))
        {
            MaskName();
        }
    }

    private void MaskName()
    {
        while (_at < _text.Length)
        {
            if (IsNamePart(_text[_at]))
            {
                _at++;
                continue;
            }

            var hyphens = 0;
            while (_at + hyphens < _text.Length && _text[_at + hyphens] == '-')
            {
                hyphens++;
            }

            if (hyphens == 0 || _at + hyphens >= _text.Length || !IsNamePart(_text[_at + hyphens]))
            {
                return;
            }

            _masked.AsSpan(_at, hyphens).Fill(HyphenMask);
            _at += hyphens;
        }
    }

    /// <summary>Reads a name or a number as a whole, so that the dot in <c>1.5</c> is not mistaken for one before a name.</summary>
    private void Word(char c)
    {
        _at++;
        if (char.IsAsciiDigit(c))
        {
            while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] == '.'))
            {
                _at++;
            }
        }
        else if (IsNameStart(c))
        {
            while (_at < _text.Length && IsNamePart(_text[_at]))
            {
                _at++;
            }
        }
    }

    private static bool IsNameStart(char c) => char.IsLetter(c) || c is '_' or '$';

    private static bool IsNamePart(char c) => IsNameStart(c) || char.IsDigit(c);
}
