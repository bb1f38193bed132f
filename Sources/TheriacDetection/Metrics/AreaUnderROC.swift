/// Area under the receiver operating characteristic: the probability that a positive text scores above a
/// negative
/// one, ties counting one half. 0...1, higher is better, 0.5 is chance.
///
/// Example: positives .9, .8, .6 against negatives .7, .4, .3, .5, .1 win 14 of 15 pairs: 0.9333.
/// - Throws: ``DetectionError/metric(name:reason:)`` when a class is missing or a score is not a number.
public func areaUnderROC(scores: [Double], labels: [Bool]) throws -> Double {
    let name = "The area under the ROC curve"
    guard let area = try RankedScores(scores: scores, labels: labels, metric: name).areaUnderROC() else {
        throw DetectionError.metric(name: name, reason: "it needs positive and negative texts")
    }
    return area
}
