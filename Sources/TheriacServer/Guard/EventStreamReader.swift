/// Takes server-sent events apart, however their bytes are cut.
///
/// Only what the interface uses: the `data` of each event, its lines joined. Comments and other fields are passed over.
///
/// Source: WHATWG HTML, "Server-sent events", the event stream's grammar.
struct EventStreamReader {
    /// Bytes that one event may have.
    static let largestEvent = 4 << 20

    private var line: [UInt8] = []
    private var data: [UInt8] = []
    private var hasData = false
    private var afterReturn = false
    private var isFirst = true

    /// The data of every event that these bytes complete.
    /// - Returns: nil when an event is larger than any server's.
    mutating func take(_ bytes: [UInt8]) -> [[UInt8]]? {
        var events: [[UInt8]] = []
        for byte in bytes {
            let wasReturn = afterReturn
            afterReturn = byte == 0x0D
            if byte == 0x0A, wasReturn { continue }
            if byte == 0x0A || byte == 0x0D {
                if let event = endLine() { events.append(event) }
            } else {
                line.append(byte)
                if line.count + data.count > Self.largestEvent { return nil }
            }
        }
        return events
    }

    /// What the last event holds when the stream ends without an empty line after it: servers forget it.
    mutating func end() -> [UInt8]? {
        if !line.isEmpty { _ = endLine() }
        return endEvent()
    }

    private mutating func endLine() -> [UInt8]? {
        defer { line.removeAll(keepingCapacity: true) }
        if isFirst, line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        isFirst = false
        guard !line.isEmpty else { return endEvent() }
        let name = Array("data".utf8)
        guard line.starts(with: name) else { return nil }
        var value = line.dropFirst(name.count)
        guard value.isEmpty || value.first == UInt8(ascii: ":") else { return nil }
        value = value.dropFirst()
        if value.first == 0x20 { value = value.dropFirst() }
        if hasData { data.append(0x0A) }
        hasData = true
        data += value
        return nil
    }

    private mutating func endEvent() -> [UInt8]? {
        guard hasData else { return nil }
        defer {
            hasData = false
            data.removeAll()
        }
        return data
    }

    /// An event with this data, ready to be sent.
    static func event(_ data: [UInt8]) -> [UInt8] {
        // JSON has line ends between tokens only, where a blank means the same.
        Array("data: ".utf8) + data.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 } + [0x0A, 0x0A]
    }

    static let done = Array("data: [DONE]\n\n".utf8)
}
