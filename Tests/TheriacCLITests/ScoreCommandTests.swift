import Foundation
import Testing
import TheriacTesting

@Suite struct ScoreCommandTests {
    @Test func writesOneObjectALine() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(
            "{\"id\": \"a\", \"text\": \"Good morning\"}\n{\"text\": \"\", \"id\": 7}\n", to: "texts.jsonl")
        let result = try Program.run(["score", "--json", "--detector", "steer", file.path])
        #expect(result.status == 0, "\(result.errors)")
        let lines = result.output.split(separator: "\n").map(String.init)
        try #require(lines.count == 2)
        #expect(
            lines[0].contains("\"id\":\"a\"") && lines[0].contains("\"attributes\"")
                && lines[0].contains("\"detector\":\"steer@"))
        #expect(lines[1] == "{\"id\":\"7\",\"unscored\":\"empty text\"}")
    }

    @Test func aLineThatIsNotJSONIsReportedAndTheRestGoesOn() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(
            "{\"text\": \"one\"}\n{broken\n{\"text\": \"three\"}\n", to: "texts.jsonl")
        let result = try Program.run(["score", "--json", file.path])
        #expect(result.status == 3)
        #expect(result.output.split(separator: "\n").count == 2)
        #expect(result.errors.contains("skipped: Line 2:") && !result.errors.contains("broken"))
    }

    @Test func readsStandardInputAndTables() throws {
        let piped = try Program.run(["score", "-"], input: "Good morning\nGood evening\n")
        #expect(piped.status == 0 && piped.output.split(separator: "\n").count == 3)
        let folder = try TemporaryFolder()
        let file = try folder.write("id,body\n1,\"Hello, you\"\n2,Bye\n", to: "texts.csv")
        let table = try Program.run(["score", "--json", "--column", "body", file.path])
        #expect(table.status == 0 && table.output.split(separator: "\n").count == 2, "\(table.errors)")
    }

    @Test func anUnknownDetectorIsNamedWithTheShippedOnes() throws {
        let result = try Program.run(["score", "--detector", "jugde", "-"])
        #expect(result.status == 1)
        #expect(result.errors.contains("Shipped: judge, lexicon, steer"))
    }

    @Test func aTextOfTenMegabytesIsScored() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(
            String(repeating: "a quiet morning by the sea ", count: 400_000) + "\n", to: "long.txt")
        let result = try Program.run(["score", "--json", file.path])
        #expect(result.status == 0 && result.output.contains("\"attributes\""))
    }

    @Test func tableAndJSONSayTheSameNumbers() throws {
        let folder = try TemporaryFolder()
        let texts = (0..<40).map { number in
            let end = number % 4 == 0 ? ", you fool" : ""
            return "{\"id\": \"q\\\"\(number)\", \"text\": \"Good morning number \(number * number)\(end)\"}"
        }
        let file = try folder.write(texts.joined(separator: "\n") + "\n", to: "texts.jsonl")
        let table = try Program.run(["score", "--detector", "steer", file.path])
        let json = try Program.run(["score", "--json", "--detector", "steer", file.path])
        let rows = table.output.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
        let objects = try json.output.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        try #require(rows.count == 41 && objects.count == 40)
        for (row, object) in zip(rows.dropFirst(), objects) {
            #expect(row[0] == object["id"] as? String)
            let attributes = try #require(object["attributes"] as? [String: Double])
            for (name, cell) in zip(rows[0].dropFirst(), row.dropFirst()) {
                // The shortest digits of a float, read as a double and rounded, are its own three decimals.
                #expect(cell == String(format: "%.3f", Float(try #require(attributes[name]))))
            }
        }
    }
}
