public import Foundation

/// The package whose tests are running.
public enum PackageFolder {
    /// The nearest folder above `file` that holds `Package.swift`; links are not followed.
    public static func above(_ file: String) -> URL? {
        var folder = URL(fileURLWithPath: file).deletingLastPathComponent()
        while folder.path != "/" {
            if FileManager.default.fileExists(atPath: folder.appendingPathComponent("Package.swift").path) {
                return folder
            }
            folder.deleteLastPathComponent()
        }
        return nil
    }
}
