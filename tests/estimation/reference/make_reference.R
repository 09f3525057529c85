# Reference values of R's package survey (4.1-1) for tests, regressions and changes between waves:
#   Rscript make_reference.R ../../../../shared/reference/survey/inputs
# writes tests.csv, regression.csv, waves.csv (seeded, made up) and changes.csv beside this script.
suppressMessages(library(survey))
options(survey.lonely.psu = "certainty", digits = 17)
inputs <- commandArgs(trailingOnly = TRUE)[1]
out <- list()
add <- function(case, quantity, value) {
  out[[length(out) + 1]] <<- 
    data.frame(case = case, quantity = quantity, value = as.numeric(value))
}
save <- function(file) {
  frame <- do.call(rbind, out)
  frame$value <- sprintf("%.17g", frame$value)
  write.csv(frame, file, row.names = FALSE, quote = 1:2)
  out <<- list()
}

# Tests between groups, without finite population correction.
kom <- read.csv(file.path(inputs, "kommunen_sample.csv"))
kom$gk <- factor(kom$gk)
kom$lik2f <- factor(kom$lik2)
kom$strategief <- factor(kom$strategie)
kom$place <- as.numeric(kom$gk)
d <- svydesign(ids = ~1, strata = ~stratum, weights = ~w, data = kom)
both <- subset(d, !is.na(lik2))
for (statistic in c("F", "Chisq", "Wald", "adjWald")) {
  for (formula in c("strategief + gk", "lik2f + gk")) {
    part <- if (grepl("lik2", formula)) both else d
    test <- svychisq(as.formula(paste("~", formula)), part, statistic = statistic)
    case <- paste(statistic, formula)
    add(case, "p", test$p.value)
    if (statistic != "Chisq") {
      add(case, "value", test$statistic)
      add(case, "ndf", test$parameter[1])
      add(case, "ddf", test$parameter[2])
    }
  }
}
test <- svyttest(invest ~ strategie, subset(d, !is.na(invest)))
add("mean strategie", "value", test$statistic)
add("mean strategie", "ddf", test$parameter)
add("mean strategie", "p", test$p.value)
add("mean strategie", "estimate", test$estimate)
fit <- svyglm(invest ~ gk, d)
test <- regTermTest(fit, ~gk)
add("mean gk", "value", test$Ftest)
add("mean gk", "ndf", test$df)
add("mean gk", "ddf", test$ddf)
add("mean gk", "p", test$p)
test <- svyranktest(invest ~ strategie, subset(d, !is.na(invest)))
add("rank strategie", "value", test$statistic)
add("rank strategie", "ddf", test$parameter)
add("rank strategie", "p", test$p.value)
test <- svyranktest(lik2 ~ gk, both)
add("rank gk", "p", test$p.value)
fit <- svyglm(invest ~ place, d)
add("trend gk", "estimate", coef(fit)[2])
add("trend gk", "value", coef(fit)[2] / SE(fit)[2])
add("trend gk", "ddf", fit$df.residual)
save("tests.csv")

# Regressions.
coefficients <- function(case, fit, terms) {
  for (name in names(coef(fit))) {
    add(case, paste(name, "estimate"), coef(fit)[[name]])
    add(case, paste(name, "se"), SE(fit)[[name]])
  }
  add(case, "df", fit$df.residual)
  add(case, "n", length(fit$y))
  for (term in terms) {
    test <- regTermTest(fit, as.formula(paste("~", term)))
    add(case, paste(term, "F"), test$Ftest)
    add(case, paste(term, "ndf"), test$df)
    add(case, paste(term, "ddf"), test$ddf)
    add(case, paste(term, "p"), test$p)
  }
}
exact <- list(epsilon = 1e-15, maxit = 200)
kom$thousand <- kom$einwohner / 1000
d <- svydesign(ids = ~1, strata = ~stratum, weights = ~w, data = kom)
coefficients("linear", svyglm(invest ~ gk + strategief + thousand, d), c("gk", "strategief"))
fit <- svyglm(strategie ~ gk + lik2, d, family = quasibinomial(), control = exact)
coefficients("logistic", fit, "gk")
fit <- svyglm(strategie ~ relevel(gk, "20-50k"), subset(d, land != land[1]),
              family = quasibinomial(), control = exact)
coefficients("domain", fit, character())
save("regression.csv")

# Two waves: 60 and 50 units of three strata, 30 of them in both.
set.seed(20251130)
sizes <- c(a = 40, b = 100, c = 30)
first <- c(a = 15, b = 30, c = 15)
second <- c(a = 12, b = 26, c = 12)
shared <- c(a = 8, b = 16, c = 6)
waves <- do.call(rbind, lapply(names(sizes), function(h) {
  n1 <- first[[h]]; n2 <- second[[h]]; both <- shared[[h]]
  union <- n1 + n2 - both
  level <- rnorm(union, which(names(sizes) == h), 1)
  y1 <- level + rnorm(union, 0, 0.5)
  y2 <- level + rnorm(union, 0.4, 0.5)
  data.frame(unit = paste0(h, seq_len(union)), stratum = h, N = sizes[[h]],
             in1 = as.integer(seq_len(union) <= n1),
             in2 = as.integer(seq_len(union) > n1 - both),
             w1 = sizes[[h]] / n1, w2 = sizes[[h]] / n2,
             y1 = round(y1, 3), y2 = round(y2, 3),
             q1 = as.integer(y1 > 2), q2 = as.integer(y2 > 2),
             g = ifelse(runif(union) < 0.4, "x", "z"))
}))
write.csv(waves, "waves.csv", row.names = FALSE, quote = FALSE)
stacked <- function(rows1, rows2) {
  one <- with(waves[rows1, ], data.frame(unit, stratum, N, wave = 1, y = y1, q = q1, g))
  two <- with(waves[rows2, ], data.frame(unit, stratum, N, wave = 2, y = y2, q = q2, g))
  for (name in c("one", "two")) {
    part <- get(name)
    part$w <- part$N / ave(part$N, part$stratum, FUN = length)
    assign(name, part)
  }
  rbind(one, two)
}
change <- function(case, data, strata, fpc, group = NULL) {
  design <- if (fpc) {
    svydesign(ids = ~unit, strata = strata, fpc = ~N, weights = ~w, data = data, nest = TRUE)
  } else {
    svydesign(ids = ~unit, strata = strata, weights = ~w, data = data, nest = TRUE)
  }
  if (!is.null(group)) design <- subset(design, g == group)
  for (name in c("y", "q")) for (call in c("mean", "total")) {
    by <- svyby(as.formula(paste0("~", name)), ~wave, design, covmat = TRUE,
                FUN = if (call == "mean") svymean else svytotal)
    found <- svycontrast(by, c(-1, 1))
    add(paste(case, call, name), "change", coef(found))
    add(paste(case, call, name), "se", SE(found))
  }
}
in1 <- waves$in1 == 1
in2 <- waves$in2 == 1
full <- stacked(in1, in1)  # the same units in both waves
change("full", full, ~stratum, TRUE)
change("full analytic", full, ~stratum, FALSE)
change("full domain", full, ~stratum, TRUE, "x")
apart <- stacked(in1 & !in2, in2 & !in1)  # no unit in both: each wave has strata of its own
apart$part <- interaction(apart$stratum, apart$wave)
change("apart", apart, ~part, TRUE)
# Some units in both: R centres within the units of one wave, of both, of the other (close to ours,
# not equal, as the units of one wave are centred together here).
partial <- stacked(in1, in2)
partial$part <- interaction(partial$stratum, (in1 + 2 * in2)[match(partial$unit, waves$unit)])
change("partial analytic", partial, ~part, FALSE)
save("changes.csv")
