using Sluice.Host.Webhooks;

namespace Sluice.Host.Api;

/// <summary>A problem as the response of an admin route.</summary>
internal sealed class ProblemResult(HttpProblem problem) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext) => problem.WriteAsync(httpContext);

    public static ProblemResult NotFound(string detail) => new(new HttpProblem(404, "not-found", "Not found", detail));

    public static ProblemResult Conflict(string detail) => new(new HttpProblem(409, "conflict", "Not possible now", detail));

    public static ProblemResult Damaged(string detail) => new(new HttpProblem(500, "damaged", "The database is damaged", detail));

    public static ProblemResult BadQuery(string detail) => new(new HttpProblem(400, "bad-query", "Invalid query", detail));
}
