import Foundation
import Testing
import TheriacDetection
import TheriacEvaluation
import TheriacTensors
import TheriacTesting

@testable import Theriac

@Suite struct GroupedTextsTests {
    @Test func plainTextIsTakenByLinesAndMentions() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(
            "My sister met a Catholic.\nIt rained.\n\nNobody came.\n", to: "text.txt")
        let found = try GroupedTexts(file.path, dataFolder: folder.url, judge: nil)
        #expect(found.texts == ["My sister met a Catholic.", "It rained.", "Nobody came."])
        #expect(found.groups == [["christian", "female"], [], []])
    }

    @Test func labelsAndGroupsOfTheFileCount() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(
            """
            {"id": "1", "text": "My sister came.", "groups": ["dialect-a"], "toxicity": 0.1}
            {"id": "2", "text": "He came.", "groups": ["dialect-b"], "toxicity": 0.9}
            {"id": "3", "text": "They came.", "toxicity": 0.2}

            """, to: "texts.jsonl")
        let found = try GroupedTexts(file.path, dataFolder: folder.url, judge: nil)
        #expect(found.texts.count == 2 && found.groups == [["dialect-a"], []])
        #expect(found.grouping == "as the texts say")
    }

    @Test func aModelIsMeasuredOnce() throws {
        let folder = try TemporaryFolder()
        let model = try TinyModel()
        let file = try folder.write("My sister came.\nIt rained.\nIt rained.\n", to: "text.txt")
        let texts = try GroupedTexts(file.path, dataFolder: folder.url, judge: nil)
        let patient = try Patient(model: model.folder, adapter: nil, precision: nil, device: .cpu)
        for _ in 0..<2 {
            let measurement = GroupFluencyMeasurement(texts, folder: folder.url)
            try measurement.measure(patient, title: nil) { _ in }
            try measurement.measure(patient, title: "same") { _ in }
            let found = try #require(try measurement.result())
            #expect(found.rows.map(\.group) == ["all", "none", "female"] && found.treatments == ["same"])
            #expect(found.rows.allSatisfy { $0.ratios[0].value == 1 })
        }
        let log = try String(contentsOf: folder.file("group-likelihoods.jsonl"), encoding: .utf8)
        #expect(log.split(separator: "\n").count == 2)
    }
}
