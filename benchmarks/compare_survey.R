# One job of compare_survey.py with the package survey for R; prints its times as JSON.
arguments <- commandArgs(TRUE)
job <- arguments[1]
path <- arguments[2]
rounds <- as.integer(arguments[3])
suppressPackageStartupMessages(library(survey))
d <- read.csv(path)
y <- as.formula(paste("~", paste0("y", 1:50, collapse = " + ")))
if (job == "domains") {
  run <- function() svyby(y, ~domain, svydesign(
    ids = ~1, strata = ~stratum, fpc = ~population, weights = ~w, data = d
  ), svymean)
} else if (job == "bootstrap") {
  run <- function() {
    made <- as.svrepdesign(
      svydesign(ids = ~1, strata = ~stratum, weights = ~w, data = d),
      type = "subbootstrap", replicates = 500
    )
    svymean(y, made)
  }
} else {
  names <- paste0("m", 1:5)
  margins <- lapply(names, function(m) aggregate(d["truth"], d[m], sum))
  margins <- lapply(margins, function(m) setNames(m, c(names(m)[1], "Freq")))
  drawn <- svydesign(ids = ~1, weights = ~w, data = d)
  run <- function() rake(drawn, lapply(names, function(m) as.formula(paste("~", m))), margins,
    control = list(maxit = 2000, epsilon = 1e-10, verbose = FALSE))
}
best <- c(Inf, Inf)
for (round in seq_len(rounds)) {
  taken <- system.time(run())
  best <- pmin(best, c(taken[3], taken[1] + taken[2]))
}
status <- readLines("/proc/self/status")
peak <- as.numeric(gsub("[^0-9]", "", grep("VmHWM", status, value = TRUE))) / 1024
cat(sprintf('{"wall": %.4f, "cpu": %.4f, "peak": %.0f, "version": "survey %s"}\n',
  best[1], best[2], peak, packageVersion("survey")))
