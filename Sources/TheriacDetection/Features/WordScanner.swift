/// Takes the normalised words of a text one after another.
protocol WordSink {
    /// - Parameters:
    ///   - bytes: the word's UTF-8, lower case, without accents; valid during the call only. The byte before
    ///     the first and the byte after the last may be overwritten.
    ///   - count: 1...``WordScanner/longestWord``.
    mutating func take(_ bytes: UnsafeMutablePointer<UInt8>, count: Int)
    /// Whether the sink wants to know where words stand. A constant, so that a sink that does not costs nothing.
    static var wantsPlaces: Bool { get }
    /// As ``take(_:count:)``, with the bytes of the text that the word was made of.
    mutating func take(_ bytes: UnsafeMutablePointer<UInt8>, count: Int, from place: Range<Int>)
}

extension WordSink {
    static var wantsPlaces: Bool { false }

    mutating func take(_ bytes: UnsafeMutablePointer<UInt8>, count: Int, from place: Range<Int>) {
        take(bytes, count: count)
    }
}

/// Cuts UTF-8 text into normalised words.
///
/// - Letters and digits make words, lower-cased and without accents; an apostrophe inside a word vanishes
///   (`don't` → `dont`).
/// - `*` counts as a letter where it may stand for one (`f*ck`). Stars around a word are emphasis and go, and
///   so do stars between all letters (`h*e*c*k`).
/// - `$`, `@`, an inner `!` and digits between letters become the letters they look like (`a$$` → `ass`,
///   `sh!t` → `shit`, `b00b` → `boob`; ``StandIn``).
/// - A letter said three times or more is said once, or twice where English doubles it (`fuuuck` → `fuck`,
///   `asssss` → `ass`).
/// - Numbers become `0` to `0000` by their length, a web address `http` or `www`; a handle (`@name`)
///   vanishes.
/// - Runs of `!` and of `?` are words (`!`, `!!`), and so are emoji.
/// - Three or more single letters with one separator between them are given joined (`i d i o t`,
///   `i.d.i.o.t`).
/// - A word longer than ``longestWord`` bytes is cut into several.
struct WordScanner<Sink: WordSink> {
    private var sink: Sink
    private let buffer: UnsafeMutablePointer<UInt8>
    private var length = 0
    /// Whether the word may hold repeated letters, digits or stand-ins.
    private var isUntidy = false
    private var spelled: UnsafeMutablePointer<UInt8>
    private var spelledCount = 0
    private var spelledEnd = -1
    /// Where the word being gathered begins and ends in the text, and the first two spelled letters; kept only for a
    /// sink that wants places.
    private var wordStart = 0
    private var wordEnd = 0
    private var spelledPlaces = (first: 0..<0, second: 0..<0, end: 0)

    /// Gives every word of `text` to `sink`, in order.
    static func scan(_ text: UnsafeBufferPointer<UInt8>, into sink: inout Sink) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 2 * WordLimits.bufferSize) { memory in
            guard let base = memory.baseAddress else { return }
            var scanner = WordScanner(sink: sink, memory: base)
            scanner.scan(text)
            sink = scanner.sink
        }
    }

    private init(sink: Sink, memory: UnsafeMutablePointer<UInt8>) {
        self.sink = sink
        memory.initialize(repeating: 0, count: 2 * WordLimits.bufferSize)
        buffer = memory + 1
        spelled = memory + WordLimits.bufferSize + 1
    }

    private mutating func scan(_ text: UnsafeBufferPointer<UInt8>) {
        let count = text.count
        var position = 0
        ByteClass.table.withUnsafeBufferPointer { classes in
            while position < count {
                let byte = text[position]
                let class_ = classes[Int(byte)]
                if Sink.wantsPlaces && length == 0 { wordStart = position }
                if class_ >= ByteClass.firstLetter {
                    position = takeLetters(text, from: position, classes)
                } else if class_ == ByteClass.separator {
                    position = length > 0 ? endWord(text, at: position) : position + 1
                } else {
                    position = takeSpecial(byte, class_, text, at: position, classes)
                }
            }
            if length > 0 { _ = endWord(text, at: count) }
            flushSpelled()
        }
    }

    /// Takes the run of ASCII letters and digits that begins at `position`; returns where it ends.
    @inline(__always)
    private mutating func takeLetters(
        _ text: UnsafeBufferPointer<UInt8>, from position: Int, _ classes: UnsafeBufferPointer<UInt8>
    ) -> Int {
        var read = position
        var write = length
        var recent: UInt32 = 0
        var isUntidy = self.isUntidy || write > 0
        let end = min(text.count, position + WordLimits.longestWord - write)
        while read < end {
            let byte = classes[Int(text[read])]
            guard byte >= ByteClass.firstLetter else { break }
            buffer[write] = byte
            recent = recent << 8 | UInt32(byte)
            // Three equal bytes in a row, or a digit.
            isUntidy = isUntidy || (recent ^ (recent >> 8)) & 0xFFFF == 0 || byte < 0x3A
            write += 1
            read += 1
        }
        self.isUntidy = isUntidy
        length = write
        if write == WordLimits.longestWord { emit(end: -1, upTo: read) }
        return read
    }

    /// `next`: the position after the character in the text.
    private mutating func append(_ byte: UInt8, next: Int) {
        buffer[length] = byte
        length += 1
        isUntidy = true
        if length == WordLimits.longestWord { emit(end: -1, upTo: next) }
    }

    /// Apostrophes, stand-ins, exclamation and question marks, and everything beyond ASCII.
    @inline(never)
    private mutating func takeSpecial(
        _ byte: UInt8, _ class_: UInt8, _ text: UnsafeBufferPointer<UInt8>, at position: Int,
        _ classes: UnsafeBufferPointer<UInt8>
    ) -> Int {
        let next = position + 1
        let letterFollows = next < text.count && ByteClass.isLetter(text[next])
        switch class_ {
        case ByteClass.apostrophe:
            if length > 0 && letterFollows { return next }
        case ByteClass.star:
            append(byte, next: next)
            return next
        case ByteClass.standIn:
            if length > 0 || letterFollows {
                append(byte, next: next)
                return next
            }
        case ByteClass.mark:
            // `sh!t` and `SH!T`, but not `Hello!Who`.
            if length > 0 && letterFollows && byte == UInt8(ascii: "!")
                && ByteClass.isLetter(buffer[length - 1])
                && (text[next] >= 0x61 || text[position - 1] < 0x61)
            {
                append(byte, next: next)
                return next
            }
            return takeMarks(byte, text, at: position)
        default:
            return takeScalar(text, at: position)
        }
        return length > 0 ? endWord(text, at: position) : next
    }

    private mutating func takeMarks(_ byte: UInt8, _ text: UnsafeBufferPointer<UInt8>, at position: Int)
        -> Int
    {
        if length > 0 { _ = endWord(text, at: position) }
        var end = position
        while end < text.count && text[end] == byte { end += 1 }
        buffer[0] = byte
        buffer[1] = byte
        length = min(2, end - position)
        if Sink.wantsPlaces { wordStart = position }
        emit(end: -1, upTo: end)
        return end
    }

    private mutating func takeScalar(_ text: UnsafeBufferPointer<UInt8>, at position: Int) -> Int {
        let (scalar, width) = UTF8Scalar.decode(text, at: position)
        let next = position + width
        switch CharacterFolding.fold(scalar) {
        case .nothing: return next
        case .separator: if length > 0 { _ = endWord(text, at: position) }
        case .apostrophe:
            let letterFollows = next < text.count && ByteClass.isLetter(text[next])
            if length > 0 && !letterFollows { _ = endWord(text, at: position) }
        case .letter(let bytes, let count): append(bytes, count, from: position..<next)
        case .symbol(let bytes, let count):
            if length > 0 { _ = endWord(text, at: position) }
            if Sink.wantsPlaces { wordStart = position }
            append(bytes, count, from: position..<next)
            emit(end: -1, upTo: next)
        }
        return next
    }

    private mutating func append(_ bytes: UInt32, _ count: Int, from place: Range<Int>) {
        if length + count > WordLimits.longestWord {
            emit(end: -1, upTo: place.lowerBound)
            if Sink.wantsPlaces { wordStart = place.lowerBound }
        }
        for index in 0..<count {
            append(UInt8(truncatingIfNeeded: bytes >> UInt32(8 * index)), next: place.upperBound)
        }
    }

    /// Normalises and gives away the word gathered so far; returns where to read on.
    @inline(__always)
    private mutating func endWord(_ text: UnsafeBufferPointer<UInt8>, at position: Int) -> Int {
        let isAddress = length >= 3 && isWebAddress(followedBy: position < text.count ? text[position] : 0)
        if isUntidy && !isAddress { tidy() }
        if length > 0 { emit(end: position, upTo: position) } else { isUntidy = false }
        guard isAddress else { return position }
        var end = position
        while end < text.count && text[end] > 0x20 { end += 1 }
        return end
    }

    private func isWebAddress(followedBy byte: UInt8) -> Bool {
        let isHTTP =
            (length == 4 || length == 5) && byte == UInt8(ascii: ":")
            && buffer[0] == UInt8(ascii: "h") && buffer[1] == UInt8(ascii: "t")
            && buffer[2] == UInt8(ascii: "t")
            && buffer[3] == UInt8(ascii: "p")
        let isWeb =
            length == 3 && byte == UInt8(ascii: ".") && buffer[0] == UInt8(ascii: "w")
            && buffer[1] == UInt8(ascii: "w") && buffer[2] == UInt8(ascii: "w")
        return isHTTP || isWeb
    }

    /// Shortens repeated letters, folds numbers, strips stars of emphasis.
    private mutating func tidy() {
        length = Stars.strip(buffer, count: length)
        if isMention {
            length = 0
            return
        }
        StandIn.replace(buffer, count: length)
        length = Stars.dropAlternate(buffer, count: length)
        var write = 0
        var run = 0
        var previous: UInt8 = 0
        var digits = 0
        for read in 0..<length {
            let byte = buffer[read]
            run = byte == previous ? run + 1 : 1
            previous = byte
            if byte >= 0x30 && byte <= 0x39 {
                digits += 1
            } else if run >= 3 && byte < 0x80 {
                // The second of the run stays where English doubles this letter.
                if run == 3 && !ByteClass.isDoubled(byte) { write -= 1 }
                continue
            }
            buffer[write] = byte
            write += 1
        }
        if digits == length {
            write = min(4, length)
            for index in 0..<write { buffer[index] = 0x30 }
        }
        length = write
    }

    /// A handle such as `@user`, but not `@ss`.
    private var isMention: Bool {
        let s = UInt8(ascii: "s")
        return length > 1 && buffer[0] == UInt8(ascii: "@")
            && !(buffer[1] == s && length > 2 && buffer[2] == s)
    }

    /// Gives the word to the sink. `end` is the position after it, or -1 when it cannot be part of a
    /// spelled-out word; `place` is the position after it in any case.
    @inline(__always)
    private mutating func emit(end: Int, upTo place: Int) {
        if Sink.wantsPlaces { wordEnd = max(wordStart, place) }
        if length == 1 && end >= 0 {
            gatherSpelled(buffer[0], end: end)
        } else {
            if spelledCount > 0 { flushSpelled() }
            give(buffer, count: length, from: wordStart, upTo: wordEnd)
        }
        length = 0
        isUntidy = false
    }

    @inline(__always)
    private mutating func give(
        _ bytes: UnsafeMutablePointer<UInt8>, count: Int, from start: Int, upTo end: Int
    ) {
        if Sink.wantsPlaces {
            sink.take(bytes, count: count, from: start..<end)
        } else {
            sink.take(bytes, count: count)
        }
    }

    private mutating func gatherSpelled(_ byte: UInt8, end: Int) {
        if spelledEnd != end - 2 || spelledCount == WordLimits.longestWord { flushSpelled() }
        if Sink.wantsPlaces {
            let place = wordStart..<wordEnd
            if spelledCount == 0 { spelledPlaces.first = place }
            if spelledCount == 1 { spelledPlaces.second = place }
            spelledPlaces.end = wordEnd
        }
        spelled[spelledCount] = byte
        spelledCount += 1
        spelledEnd = end
    }

    /// Gives away the single letters gathered so far: joined, or when they are only one or two one by one.
    private mutating func flushSpelled() {
        let count = spelledCount
        spelledCount = 0
        let places = spelledPlaces
        guard count < 3 else {
            return give(spelled, count: count, from: places.first.lowerBound, upTo: places.end)
        }
        // The sink may write beside a word.
        let second = spelled[1]
        if count > 0 { give(spelled, count: 1, from: places.first.lowerBound, upTo: places.first.upperBound) }
        guard count > 1 else { return }
        spelled[0] = second
        give(spelled, count: 1, from: places.second.lowerBound, upTo: places.second.upperBound)
    }
}
